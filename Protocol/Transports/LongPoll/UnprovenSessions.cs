using System.Net;

namespace Kaffediem.Protocol;

/// <summary>
/// The long-poll sessions whose client has not come back with its token. A single GET opens one, and its sender need
/// not wait for the answer, so they take no place among the connections. Instead there are few of them, from one
/// address and in total: the oldest makes room for a new one. Thread-safe.
/// </summary>
internal sealed class UnprovenSessions(PhoenixOptions options)
{
    // Guards everything below, for one look and one change.
    private readonly Lock _lock = new();
    private readonly Dictionary<LongPollSession, Entry> _entries = [];
    private readonly LinkedList<LongPollSession> _all = new();
    private readonly Dictionary<IPAddress, LinkedList<LongPollSession>> _byNetwork = [];

    /// <summary>Adds a new session, and closes the one that has to make room for it, if any.</summary>
    public void Add(LongPollSession session, IPAddress? address)
    {
        var network = ClientNetwork.Of(address);
        LongPollSession? oldest;
        lock (_lock)
        {
            oldest = FindOldest(network);
            if (oldest is not null)
            {
                RemoveEntry(oldest);
            }

            LinkedListNode<LongPollSession>? inNetwork = null;
            if (network is not null)
            {
                var own = _byNetwork.GetValueOrDefault(network) ?? new();
                inNetwork = own.AddLast(session);
                _byNetwork[network] = own;
            }

            _entries.Add(session, new Entry(network, _all.AddLast(session), inNetwork));
        }

        oldest?.Drop(CloseReason.Unproven);
    }

    /// <summary>The session is over, or its client has shown its token.</summary>
    public void Remove(LongPollSession session)
    {
        lock (_lock)
        {
            RemoveEntry(session);
        }
    }

    private LongPollSession? FindOldest(IPAddress? network)
    {
        if (network is not null
            && _byNetwork.TryGetValue(network, out var own)
            && own.Count >= options.MaxUnprovenSessionsPerAddress)
        {
            return own.First?.Value;
        }

        return _all.Count >= options.MaxUnprovenSessions ? _all.First?.Value : null;
    }

    private void RemoveEntry(LongPollSession session)
    {
        if (!_entries.Remove(session, out var entry))
        {
            return;
        }

        _all.Remove(entry.InAll);
        if (entry is { Network: { } network, InNetwork: { List: { } own } node })
        {
            own.Remove(node);
            if (own.Count == 0)
            {
                _byNetwork.Remove(network);
            }
        }
    }

    private sealed record Entry(
        IPAddress? Network, LinkedListNode<LongPollSession> InAll, LinkedListNode<LongPollSession>? InNetwork);
}
