namespace Kaffediem.IntegrationTests.Shop.History;

/// <summary>
/// What all clients have done and received, in one order. A request is recorded before it is sent and an answer after
/// it has arrived: an answer recorded before a request did arrive before it was sent.
/// </summary>
internal sealed class ShopHistory
{
    // Guards everything below: all clients add to it.
    private readonly Lock _lock = new();
    private readonly List<HistoryEvent> _events = [];
    private int _written;

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

    /// <summary>How many writes were acknowledged.</summary>
    public int Written => Volatile.Read(ref _written);

    public void Add(HistoryEvent happened)
    {
        lock (_lock)
        {
            _events.Add(happened);
            _written += happened is WriteAcknowledged ? 1 : 0;
        }
    }
}
