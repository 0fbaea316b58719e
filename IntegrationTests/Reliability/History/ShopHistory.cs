namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>
/// What many have done and seen, in one order: an asking is noted before it is sent and an answer after it has come, so
/// that what is noted as answered before something else was asked for was so in fact.
/// </summary>
internal sealed class ShopHistory
{
    // Guards the list: all clients add to it.
    private readonly Lock _lock = new();
    private readonly List<HistoryEvent> _events = [];

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
        }
    }
}
