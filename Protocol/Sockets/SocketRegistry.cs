using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace Kaffediem.Protocol;

/// <summary>All connections: closes those that fell silent, and all of them when the server goes down.</summary>
internal sealed class SocketRegistry : IDisposable
{
    private readonly ConcurrentDictionary<ITransport, bool> _transports = new();
    private readonly ITimer _sweep;
    private readonly CancellationTokenRegistration _stopping;
    private volatile bool _isStopping;

    public SocketRegistry(PhoenixOptions options, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        // One timer for all: a silent socket is found within a tenth of the timeout.
        var period = options.IdleTimeout / 10;
        _sweep = time.CreateTimer(_ => CloseSilent(), null, period, period);

        // Kestrel waits for its connections when it stops, so they have to be told before.
        _stopping = lifetime.ApplicationStopping.Register(CloseAll);
    }

    public void Add(ITransport transport)
    {
        _transports.TryAdd(transport, true);
        if (_isStopping)
        {
            transport.Close(CloseReason.Draining);
        }
    }

    public void Remove(ITransport transport) => _transports.TryRemove(transport, out _);

    public void Dispose()
    {
        _stopping.Dispose();
        _sweep.Dispose();
    }

    private void CloseSilent()
    {
        foreach (var (transport, _) in _transports)
        {
            transport.CloseIfSilent();
        }
    }

    private void CloseAll()
    {
        _isStopping = true;
        foreach (var (transport, _) in _transports)
        {
            transport.Close(CloseReason.Draining);
        }
    }
}
