using Kaffediem.Persistence;
using Kaffediem.Server.Realtime;

namespace Kaffediem.Server.Observability;

/// <summary>
/// Whether it makes sense to send this server a write just now. Looks at what is known, and waits for nothing.
/// </summary>
internal sealed class Readiness(Database database, ChangeFeed feed, IHostApplicationLifetime lifetime)
{
    private const string Stopping = "The server is shutting down.";
    private const string BrokenFeed = "Changes cannot be read and broadcast; it is tried every second.";

    /// <summary>Why not, each reason in one line; empty when it does.</summary>
    public IReadOnlyList<string> FindObstacles() =>
    [
        .. lifetime.ApplicationStopping.IsCancellationRequested ? [Stopping] : (string[])[],
        .. database.WriteObstacles,
        .. feed.IsBroken ? [BrokenFeed] : (string[])[],
    ];
}
