using System.Diagnostics.CodeAnalysis;

namespace Kaffediem.Server.Admission;

/// <summary>A read as its queue sees it. The queue's lock guards its state.</summary>
[SuppressMessage(
    "Reliability", "CA1001", Justification = "A CancellationTokenSource that is not linked holds no resources.")]
internal abstract class QueuedRead
{
    private readonly CancellationTokenSource _givenUp = new();

    /// <summary>Its places in the queues of its askers; empty once it has begun or was given up.</summary>
    public Dictionary<AskerQueue, LinkedListNode<QueuedRead>> Places { get; } = [];

    /// <summary>How many clients wait for its result.</summary>
    public int Waiters { get; set; }

    public bool HasBegun { get; set; }

    public bool IsFinished { get; set; }

    /// <summary>Whether the last client left before the end.</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>Interrupts it if it runs. Call it without the lock, because it runs callbacks.</summary>
    public void GiveUp() => _givenUp.Cancel();

    /// <summary>Runs it to its end.</summary>
    /// <param name="asker">The asker whose turn it is.</param>
    public Task RunAsync(Asker asker) => RunAsync(asker, _givenUp.Token);

    protected abstract Task RunAsync(Asker asker, CancellationToken cancellationToken);
}

/// <summary>The reads that wait for one asker.</summary>
internal sealed class AskerQueue(Asker asker)
{
    public Asker Asker => asker;

    public LinkedList<QueuedRead> Reads { get; } = new();

    /// <summary>Its place among the queues; meaningless while it is empty.</summary>
    public LinkedListNode<AskerQueue>? Place { get; set; }
}
