using Kaffediem.Persistence;
using Kaffediem.Server.Realtime;

namespace Kaffediem.Server.Observability;

/// <summary>
/// Whether this server can serve writes right now. Looks at what is known already, and waits for nothing.
/// </summary>
internal sealed class Readiness(Database database, ChangeFeed feed, IHostApplicationLifetime lifetime)
{
    private const string Stopping = "The server is shutting down.";
    private const string BrokenFeed = "Changes cannot be read and broadcast; it is tried every second.";

    /// <summary>Why not, each reason in one line; empty when it can.</summary>
    public IReadOnlyList<string> FindObstacles()
    {
        List<string> obstacles = [];
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            obstacles.Add(Stopping);
        }

        obstacles.AddRange(database.WriteObstacles);
        if (feed.IsBroken)
        {
            obstacles.Add(BrokenFeed);
        }

        return obstacles;
    }
}
