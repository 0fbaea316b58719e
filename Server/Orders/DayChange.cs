using Kaffediem.Persistence.Orders;

namespace Kaffediem.Server.Orders;

/// <summary>Begins the shop's next day at midnight: yesterday's orders leave the lists of today's.</summary>
internal sealed partial class DayChange(
    OrderStore orders, ShopDays days, TimeProvider time, ILogger<DayChange> logger) : BackgroundService
{
    // The clock may be set, and a machine may sleep: look again this often.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var now = time.GetUtcNow();
                var wait = days.NextStartAfter(now) - now;
                await Task.Delay(wait < LongestWait ? wait : LongestWait, time, stoppingToken);
                await orders.BeginDayAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Failed(logger, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The next day could not be begun; trying again.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
