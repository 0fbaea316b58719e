using System.Collections.Concurrent;
using System.Net;

namespace Kaffediem.Protocol;

/// <summary>All connections: how many there may be, who is who, and who has not been heard of for too long.</summary>
internal sealed class SocketRegistry : IDisposable
{
    // One timer for all: what is overdue is found after a twentieth of the shortest time at the latest.
    private const int SweepsPerTimeout = 20;

    private readonly ConcurrentDictionary<ITransport, string?> _transports = new();
    private readonly ConnectionLimiter _limiter;
    private readonly ITimer _sweep;
    private volatile bool _isDraining;

    public SocketRegistry(PhoenixOptions options, TimeProvider time)
    {
        _limiter = new ConnectionLimiter(options);

        var period = new[] { options.IdleTimeout, options.StallTimeout, options.LongPollWindow }.Min() / SweepsPerTimeout;
        _sweep = time.CreateTimer(_ => CloseOverdue(), null, period, period);
    }

    /// <summary>How many bytes wait to be sent, over all connections.</summary>
    public long PendingBytes => _transports.Keys.Sum(transport => transport.PendingBytes);

    /// <summary>Takes a place for a client that wants to connect, to be given back by disposing of it.</summary>
    public (IDisposable? Place, Refusal? Refusal) Enter(IPAddress? address) =>
        _isDraining ? (null, Refusal.Draining) : _limiter.Enter(address);

    public void Add(ITransport transport, string? socketId)
    {
        _transports.TryAdd(transport, socketId);
        if (_isDraining)
        {
            transport.Close(CloseReason.Draining);
        }
    }

    public void Remove(ITransport transport) => _transports.TryRemove(transport, out _);

    /// <summary>Closes all sockets with an id. Rare, so a walk over all of them is cheap enough.</summary>
    public void Disconnect(string socketId)
    {
        foreach (var (transport, id) in _transports)
        {
            if (id == socketId)
            {
                transport.Close(CloseReason.Disconnected);
            }
        }
    }

    /// <summary>Lets nobody in from now on, and returns who is there.</summary>
    public IReadOnlyCollection<ITransport> BeginDrain()
    {
        _isDraining = true;
        return [.. _transports.Keys];
    }

    public void Dispose() => _sweep.Dispose();

    private void CloseOverdue()
    {
        foreach (var (transport, _) in _transports)
        {
            transport.CloseIfOverdue();
        }
    }
}
