namespace Kaffediem.IntegrationTests.Shop.History;

/// <summary>
/// What all clients have done and received, in one order. A request is recorded before it is sent and an answer after
/// it has arrived: an answer recorded before a request did arrive before it was sent.
/// </summary>
internal sealed class ShopHistory
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Guards everything below: all clients add to it.
    private readonly Lock _lock = new();
    private readonly List<HistoryEvent> _events = [];
    private int _writesToWaitFor;
    private TaskCompletionSource? _enough;

    /// <summary>All events so far.</summary>
    public IReadOnlyList<HistoryEvent> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    public void Add(HistoryEvent happened)
    {
        lock (_lock)
        {
            _events.Add(happened);
            if (happened is WriteAcknowledged && --_writesToWaitFor == 0)
            {
                _enough?.TrySetResult();
            }
        }
    }

    /// <summary>Waits for a number of acknowledgements. Only one caller may wait at a time.</summary>
    public Task WaitForWritesAsync(int count)
    {
        lock (_lock)
        {
            (_writesToWaitFor, _enough) = (count, new(TaskCreationOptions.RunContinuationsAsynchronously));
            return _enough.Task.WaitAsync(Patience);
        }
    }
}
