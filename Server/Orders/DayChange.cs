using Kaffediem.Persistence.Orders;

namespace Kaffediem.Server.Orders;

/// <summary>Begins the shop's next day at midnight: yesterday's orders leave the lists of today's.</summary>
internal sealed partial class DayChange(OrderStore orders, TimeProvider time, ILogger<DayChange> logger)
    : BackgroundService
{
    // Looked at often rather than waited for: the clock may be set, and the machine may sleep. It is a comparison.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryBeginDayAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The server is going down, or cannot start.
        }
    }

    private async Task TryBeginDayAsync(CancellationToken cancellationToken)
    {
        try
        {
            await orders.BeginDayAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.Failed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The next day could not be begun; trying again.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
