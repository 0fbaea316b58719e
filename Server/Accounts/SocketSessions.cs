using System.Collections.Concurrent;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Protocol;

namespace Kaffediem.Server.Accounts;

/// <summary>
/// The sessions that open sockets were let in with, looked at again every ten seconds: where one has ended, by its age,
/// by a new password or with its user, which may have been another process's doing, the user's sockets are
/// closed so that they connect again as whoever is signed in then. REST looks at every request anyway.
/// </summary>
internal sealed partial class SocketSessions(
    SessionStore sessions, PhoenixEndpoint endpoint, TimeProvider time, ILogger<SocketSessions> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Watch, bool> _watched = new();
    private readonly PeriodicTimer _timer = new(Period, time);

    /// <summary>Looks after the session that a user's socket was let in with.</summary>
    /// <returns>To be disposed of at the socket's end.</returns>
    public IDisposable Watched(byte[] tokenHash, string socketId)
    {
        var watch = new Watch(this, tokenHash, socketId);
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
            foreach (var session in _watched.Keys.DistinctBy(watch => Convert.ToBase64String(watch.TokenHash)))
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

    private sealed class Watch(SocketSessions sessions, byte[] tokenHash, string socketId) : IDisposable
    {
        public byte[] TokenHash => tokenHash;

        public string SocketId => socketId;

        public void Dispose() => sessions._watched.TryRemove(this, out _);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The sessions of the open sockets could not be looked at.")]
        public static partial void CheckFailed(ILogger logger, Exception exception);
    }
}
