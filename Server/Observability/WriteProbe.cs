using Kaffediem.Persistence;
using Kaffediem.Server.Background;

namespace Kaffediem.Server.Observability;

/// <summary>
/// Tries a write every few seconds while writes fail. A load balancer that reads <c>/health/ready</c> sends none by
/// then, so no request would show that the disk has room again.
/// </summary>
internal sealed partial class WriteProbe(Database database, TimeProvider time, ILogger<WriteProbe> logger)
    : IPeriodicWork
{
    // A damaged file is read as a whole each time; that may fill at most a twentieth of the time, however large it is.
    private const int PauseAfterReading = 20;

    private DateTimeOffset _next = time.GetUtcNow();

    public TimeSpan Interval => TimeSpan.FromSeconds(5);

    public Task RunAsync(CancellationToken cancellationToken)
    {
        if (database.DoWritesFail && (!database.IsDamaged || time.GetUtcNow() >= _next))
        {
            var begun = time.GetTimestamp();
            database.Probe(cancellationToken);
            _next = time.GetUtcNow() + (PauseAfterReading * time.GetElapsedTime(begun));
        }

        return Task.CompletedTask;
    }

    public void LogFailure(Exception exception) => Log.Failed(logger, exception);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The attempt to write to the database failed unexpectedly; trying again.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
