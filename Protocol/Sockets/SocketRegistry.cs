using System.Collections.Concurrent;
using System.Net;

namespace Kaffediem.Protocol;

/// <summary>All connections: bounds their number, finds them by id, and closes those that are overdue.</summary>
internal sealed class SocketRegistry : IDisposable
{
    // One timer for all connections finds an overdue one after at most a twentieth of the shortest timeout.
    private const int SweepsPerTimeout = 20;

    private readonly ConcurrentDictionary<ITransport, string?> _transports = new();
    private readonly ConcurrentDictionary<Connecting, bool> _connecting = new();
    private readonly ConnectionLimiter _limiter;
    private readonly ITimer _sweep;
    private volatile bool _isDraining;

    public SocketRegistry(PhoenixOptions options, TimeProvider time)
    {
        _limiter = new ConnectionLimiter(options);

        var period =
            new[] { options.IdleTimeout, options.StallTimeout, options.LongPollWindow }.Min() / SweepsPerTimeout;
        _sweep = time.CreateTimer(_ => CloseOverdue(), null, period, period);
    }

    /// <summary>The bytes that wait to be sent, over all connections.</summary>
    public long PendingBytes => _transports.Keys.Sum(transport => transport.PendingBytes);

    /// <summary>Takes a place for a client that wants to connect, to be given back by disposing of it.</summary>
    public (Connecting? Client, Refusal? Refusal) Enter(IPAddress? address, string? user)
    {
        var (place, refusal) = TakePlace(address, user);
        return place is null ? (null, refusal) : (Remember(place), null);
    }

    /// <summary>The same for a long-poll client: a place must be free, but the client does not take it yet.</summary>
    public (Connecting? Client, Refusal? Refusal) EnterUnproven(IPAddress? address, string? user) =>
        (_isDraining ? Refusal.Draining : _limiter.FindRefusal(address, user)) is { } refusal
            ? (null, refusal)
            : (Remember(place: null), null);

    /// <summary>
    /// Takes only a place: for a long-poll session that is polled, and for connections of other kinds.
    /// </summary>
    public (IDisposable? Place, Refusal? Refusal) TakePlace(IPAddress? address, string? user) =>
        _isDraining ? (null, Refusal.Draining) : _limiter.Enter(address, user);

    /// <summary>Registers a client that was let in.</summary>
    public void Add(ITransport transport, Connecting client, string? socketId)
    {
        // In this order, and Disconnect in the other: it finds the client in at least one of the two.
        _transports.TryAdd(transport, socketId);
        _connecting.TryRemove(client, out _);
        if (_isDraining)
        {
            transport.Close(CloseReason.Draining);
        }
        else if (client.IsDisconnected(socketId))
        {
            transport.Close(CloseReason.Disconnected);
        }
    }

    public void Remove(ITransport transport) => _transports.TryRemove(transport, out _);

    /// <summary>Closes all sockets with an id. Rare, so a walk over all of them is cheap enough.</summary>
    public void Disconnect(string socketId)
    {
        foreach (var (client, _) in _connecting)
        {
            client.OnDisconnect(socketId);
        }

        foreach (var (transport, id) in _transports)
        {
            if (id == socketId)
            {
                transport.Close(CloseReason.Disconnected);
            }
        }
    }

    /// <summary>Refuses all clients from now on, and returns those that are connected.</summary>
    public IReadOnlyCollection<ITransport> BeginDrain()
    {
        _isDraining = true;
        return [.. _transports.Keys];
    }

    public void Dispose() => _sweep.Dispose();

    private Connecting Remember(IDisposable? place)
    {
        var client = new Connecting(place, onEnd: ended => _connecting.TryRemove(ended, out _));
        _connecting.TryAdd(client, true);
        return client;
    }

    private void CloseOverdue()
    {
        foreach (var (transport, _) in _transports)
        {
            transport.CloseIfOverdue();
        }
    }
}
