using System.Diagnostics.CodeAnalysis;

namespace Kaffediem.Protocol;

/// <summary>What became of an item that was posted to a <see cref="Mailbox"/>.</summary>
internal enum Posted
{
    /// <summary>The topic will handle it.</summary>
    Queued,

    /// <summary>Dropped: too much waits already. The caller applies the overflow policy.</summary>
    Full,

    /// <summary>Dropped: the topic has ended.</summary>
    Closed,
}

/// <summary>
/// The items that one topic of one socket has yet to handle, and the loop that hands them over one at a time, in the
/// order in which they were posted. The loop runs on the thread pool, and only while there are items, so an idle
/// channel has no task. Thread-safe.
/// </summary>
/// <param name="capacity">How many items may wait before one that is bounded is refused.</param>
/// <param name="topic">Handles the items.</param>
internal sealed class Mailbox(int capacity, ChannelSession topic) : IThreadPoolWorkItem
{
    // Guards everything below, for a few instructions at a time: the socket's read loop, broadcasters and application
    // threads post, and the loop dequeues.
    private readonly Lock _lock = new();
    private readonly Queue<MailboxItem> _items = new();
    private bool _isRunning;
    private bool _isClosed;
    private int _posted;

    /// <summary>Whether an item is being handled or waits for that.</summary>
    public bool IsRunning
    {
        get
        {
            lock (_lock)
            {
                return _isRunning;
            }
        }
    }

    /// <summary>How many items were ever queued, milestones not counted.</summary>
    public int PostedCount
    {
        get
        {
            lock (_lock)
            {
                return _posted;
            }
        }
    }

    /// <summary>Queues an item, and starts the loop if it does not run.</summary>
    public Posted Post(MailboxItem item)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return Posted.Closed;
            }

            if (item.IsBounded && _items.Count >= capacity)
            {
                return Posted.Full;
            }

            _posted++;
            Enqueue(item);
            return Posted.Queued;
        }
    }

    /// <summary>Completes when all items that are here now have been handled.</summary>
    public Task WaitUntilHandledAsync()
    {
        lock (_lock)
        {
            if (!_isRunning)
            {
                return Task.CompletedTask;
            }

            var completion = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Enqueue(new Milestone { Completion = completion });
            return completion.Task;
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    private async Task RunAsync()
    {
        while (TryDequeue(out var item))
        {
            await topic.HandleAsync(item); // never throws
            item.Completion?.TrySetResult();
        }
    }

    private void Enqueue(MailboxItem item)
    {
        _items.Enqueue(item);
        if (!_isRunning)
        {
            _isRunning = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    // An empty mailbox ends the loop, and closes for good if its topic is not joined: nothing but a new join can follow
    // then, and that gets a new mailbox.
    private bool TryDequeue([NotNullWhen(true)] out MailboxItem? item)
    {
        lock (_lock)
        {
            if (_items.TryDequeue(out item))
            {
                return true;
            }

            _isRunning = false;
            if (topic.IsJoined)
            {
                return false;
            }

            _isClosed = true;
        }

        topic.OnMailboxClosed();
        return false;
    }
}
