using Kaffediem.Persistence;

namespace Kaffediem.Server.Observability;

/// <summary>
/// Tries a write now and then while writes fail: a load balancer that reads <c>/health/ready</c> sends none that would
/// show that the disk has room again.
/// </summary>
internal sealed class WriteProbe(Database database, TimeProvider time) : BackgroundService
{
    /// <summary>How often, at most.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // A damaged file is read as a whole each time; that takes at most a twentieth of the time, however large it is.
    private const int PauseAfterReading = 20;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var next = time.GetUtcNow();
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (database.DoWritesFail && (!database.IsDamaged || time.GetUtcNow() >= next))
                {
                    var begun = time.GetTimestamp();
                    database.Probe(stoppingToken);
                    next = time.GetUtcNow() + (PauseAfterReading * time.GetElapsedTime(begun));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server is shutting down, or did not start.
        }
    }
}
