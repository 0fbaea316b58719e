using System.Collections.Concurrent;

namespace Kaffediem.Protocol;

/// <summary>The long-poll sessions of one socket, by the id in their tokens.</summary>
internal sealed class LongPollSessions(SocketRegistry registry)
{
    private readonly ConcurrentDictionary<Guid, LongPollSession> _sessions = new();

    public LongPollSession? Find(Guid id) => _sessions.GetValueOrDefault(id);

    public void Add(LongPollSession session, Connecting client, string? socketId)
    {
        _sessions.TryAdd(session.Id, session);
        registry.Add(session, client, socketId);
    }

    public void Remove(LongPollSession session)
    {
        _sessions.TryRemove(session.Id, out _);
        registry.Remove(session);
    }
}
