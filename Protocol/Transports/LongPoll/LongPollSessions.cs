using System.Collections.Concurrent;
using System.Net;

namespace Kaffediem.Protocol;

/// <summary>The long-poll sessions of one mapped socket, by the id in their tokens.</summary>
internal sealed class LongPollSessions(SocketRegistry registry, UnprovenSessions unproven)
{
    private readonly ConcurrentDictionary<Guid, LongPollSession> _sessions = new();

    public LongPollSession? Find(Guid id) => _sessions.GetValueOrDefault(id);

    public void Add(LongPollSession session, Connecting client, string? socketId)
    {
        _sessions.TryAdd(session.Id, session);
        registry.Add(session, client, socketId);
    }

    /// <inheritdoc cref="SocketRegistry.TakePlace"/>
    public (IDisposable? Place, Refusal? Refusal) TakePlace(IPAddress? address, string? user) =>
        registry.TakePlace(address, user);

    /// <summary>The session has taken a place.</summary>
    public void OnProven(LongPollSession session) => unproven.Remove(session);

    public void Remove(LongPollSession session)
    {
        _sessions.TryRemove(session.Id, out _);
        registry.Remove(session);
    }
}
