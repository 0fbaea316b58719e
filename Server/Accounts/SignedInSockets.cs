using System.Collections.Concurrent;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Protocol;
using Kaffediem.Server.Background;

namespace Kaffediem.Server.Accounts;

/// <summary>
/// Checks the sessions that opened the sockets, every ten seconds. A session ends by its age, with a new password or
/// with its user, and another process may have ended it. Its sockets are then closed, so that they connect again as
/// whichever user is signed in by then. REST checks the session with every request.
/// </summary>
internal sealed partial class SignedInSockets(
    SessionStore sessions, PhoenixEndpoint endpoint, TimeProvider time, ILogger<SignedInSockets> logger)
    : IPeriodicWork
{
    private readonly ConcurrentDictionary<Socket, bool> _watched = new();

    public TimeSpan Interval => TimeSpan.FromSeconds(10);

    /// <summary>The id of all sockets that a session has opened, by which they are closed when it ends.</summary>
    // Eight bytes of the hash distinguish sessions, and nothing needs to know more of it.
    public static string SocketId(ReadOnlySpan<byte> tokenHash) =>
        $"session:{Convert.ToHexStringLower(tokenHash[..8])}";

    /// <summary>Watches the session that has opened a socket.</summary>
    /// <returns>To be disposed of at the socket's end.</returns>
    public IDisposable Watch(byte[] tokenHash)
    {
        var socket = new Socket(this, tokenHash);
        _watched.TryAdd(socket, true);
        return socket;
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var socket in _watched.Keys.DistinctBy(socket => socket.Id))
        {
            if (await sessions.FindUserAsync(socket.TokenHash, time.GetUtcNow(), cancellationToken) is null)
            {
                endpoint.Disconnect(socket.Id);
            }
        }
    }

    public void LogFailure(Exception exception) => Log.CheckFailed(logger, exception);

    private sealed class Socket(SignedInSockets owner, byte[] tokenHash) : IDisposable
    {
        public byte[] TokenHash => tokenHash;

        public string Id { get; } = SocketId(tokenHash);

        public void Dispose() => owner._watched.TryRemove(this, out _);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The sessions of open sockets could not be checked.")]
        public static partial void CheckFailed(ILogger logger, Exception exception);
    }
}
