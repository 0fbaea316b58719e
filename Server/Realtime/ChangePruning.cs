using Kaffediem.Persistence;
using Kaffediem.Server.Background;

namespace Kaffediem.Server.Realtime;

/// <summary>Prunes the change log, which would otherwise grow without end.</summary>
internal sealed partial class ChangePruning(Database database, ILogger<ChangePruning> logger) : IPeriodicWork
{
    public TimeSpan Interval => TimeSpan.FromMinutes(10);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (await database.PruneChangesAsync(cancellationToken) is > 0 and var count)
        {
            Log.Pruned(logger, count);
        }
    }

    public void LogFailure(Exception exception) => Log.Failed(logger, exception);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "Deleted the {Count} oldest changes from the log.")]
        public static partial void Pruned(ILogger logger, long count);

        [LoggerMessage(LogLevel.Error, "The change log could not be pruned; trying again later.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
