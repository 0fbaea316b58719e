using Kaffediem.Persistence;

namespace Kaffediem.Server.Realtime;

/// <summary>Prunes the change log, which would otherwise grow without bound.</summary>
internal sealed partial class ChangePruning(Database database, TimeProvider time, ILogger<ChangePruning> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await TryPruneAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The server is going down, or cannot start.
        }
    }

    private async Task TryPruneAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await database.PruneChangesAsync(cancellationToken) is > 0 and var count)
            {
                Log.Pruned(logger, count);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.Failed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "Deleted the {Count} oldest changes from the log.")]
        public static partial void Pruned(ILogger logger, long count);

        [LoggerMessage(LogLevel.Error, "The change log could not be pruned; trying again later.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
