using System.Collections.Concurrent;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Protocol;

namespace Kaffediem.Server.Accounts;

/// <summary>
/// Checks every ten seconds the sessions that opened the sockets. A session ends by its age, with a new password or
/// with its user, and another process may have ended it. Its sockets are then closed, so that they connect again as
/// whichever user is signed in by then. REST checks the session with every request.
/// </summary>
internal sealed partial class SocketSessions(
    SessionStore sessions, PhoenixEndpoint endpoint, TimeProvider time, ILogger<SocketSessions> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Watch, bool> _watched = new();
    private readonly PeriodicTimer _timer = new(Period, time);

    /// <summary>Watches the session that has opened a socket.</summary>
    /// <returns>To be disposed of at the socket's end.</returns>
    public IDisposable Watched(byte[] tokenHash)
    {
        var watch = new Watch(this, tokenHash);
        _watched.TryAdd(watch, true);
        return watch;
    }

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _timer.WaitForNextTickAsync(stoppingToken))
            {
                await CheckAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server goes down.
        }
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var session in _watched.Keys.DistinctBy(watch => watch.SocketId))
            {
                if (await sessions.FindUserAsync(session.TokenHash, time.GetUtcNow(), cancellationToken) is null)
                {
                    endpoint.Disconnect(session.SocketId);
                }
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The next look may do better; the server is not to end for it.
            Log.CheckFailed(logger, exception);
        }
    }

    private sealed class Watch(SocketSessions sessions, byte[] tokenHash) : IDisposable
    {
        public byte[] TokenHash => tokenHash;

        public string SocketId { get; } = SignedInUser.SocketId(tokenHash);

        public void Dispose() => sessions._watched.TryRemove(this, out _);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The sessions of the open sockets could not be looked at.")]
        public static partial void CheckFailed(ILogger logger, Exception exception);
    }
}
