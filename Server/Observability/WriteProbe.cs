using Kaffediem.Persistence;

namespace Kaffediem.Server.Observability;

/// <summary>
/// Tries a write now and then while writes fail: a load balancer that is told so by <c>/health/ready</c> sends no more,
/// and none would show that the disk has room again.
/// </summary>
internal sealed class WriteProbe(Database database, TimeProvider time) : BackgroundService
{
    /// <summary>How often, at most.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (database.DoWritesFail)
                {
                    await TryAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server is going down, or cannot start.
        }
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await database.ProbeAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is WriteFailedException or WriteQueueFullException)
        {
            // The database has taken note: that, and no more, was to be found out.
        }
    }
}
