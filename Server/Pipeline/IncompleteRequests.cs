using System.Collections.Concurrent;
using Kaffediem.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Kaffediem.Server.Pipeline;

/// <summary>
/// Cuts off, a second after the server begins to stop, every request that has not arrived completely. Kestrel would
/// wait for the rest until the host's shutdown timeout, and a container runtime kills the process before that. Such a
/// request was never accepted, so nothing is lost.
/// </summary>
internal sealed class IncompleteRequests : IDisposable
{
    // Allows for a request whose last bytes are in transit, and for an answer that Kestrel has not yet handed to the
    // network.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<TrackedConnection, bool> _connections = new();
    private readonly CancellationTokenSource _cutOff = new();
    private readonly CancellationTokenRegistration _stopping;
    private readonly ITimer _timer;

    public IncompleteRequests(IHostApplicationLifetime lifetime, TimeProvider time)
    {
        _timer = time.CreateTimer(_ => CutOffAll(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _stopping = lifetime.ApplicationStopping.Register(() => _timer.Change(Grace, Timeout.InfiniteTimeSpan));
    }

    /// <summary>Cancelled when requests whose bodies have not arrived must be aborted.</summary>
    public CancellationToken CutOff => _cutOff.Token;

    /// <summary>Tracks the connections of every endpoint, and lets WebSockets outlive their requests.</summary>
    public static void TrackEndpoints(KestrelServerOptions kestrel) => kestrel.ConfigureEndpointDefaults(endpoint =>
    {
        endpoint.UsePhoenix();
        var incomplete = endpoint.ApplicationServices.GetRequiredService<IncompleteRequests>();
        // Inside of UsePhoenix: a WebSocket that has outlived its request is not tracked.
        endpoint.Use(next => connection => incomplete.TrackAsync(connection, next));
    });

    /// <summary>
    /// The middleware that marks a connection while it has a request whose head has arrived. It must come first.
    /// </summary>
    public static Task MarkAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<TrackedConnection>() is { } connection)
        {
            connection.BeginRequest();
            context.Response.OnCompleted(EndRequest, connection);
        }

        return next(context);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _timer.Dispose();
        _cutOff.Dispose();
    }

    private static Task EndRequest(object connection)
    {
        ((TrackedConnection)connection).EndRequest();
        return Task.CompletedTask;
    }

    private async Task TrackAsync(ConnectionContext context, ConnectionDelegate next)
    {
        var connection = new TrackedConnection(context);
        context.Features.Set(connection);
        _connections.TryAdd(connection, true);
        try
        {
            await next(context);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }

    private void CutOffAll()
    {
        _cutOff.Cancel();
        foreach (var (connection, _) in _connections)
        {
            connection.AbortIfUnused();
        }
    }

    private sealed class TrackedConnection(ConnectionContext connection)
    {
        // An HTTP/2 connection may have several at once.
        private int _requests;

        public void BeginRequest() => Interlocked.Increment(ref _requests);

        public void EndRequest() => Interlocked.Decrement(ref _requests);

        public void AbortIfUnused()
        {
            if (Volatile.Read(ref _requests) == 0)
            {
                connection.Abort(new ConnectionAbortedException("The server is stopping."));
            }
        }
    }
}
