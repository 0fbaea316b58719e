using Kaffediem.Persistence.Orders;
using Kaffediem.Server.Background;

namespace Kaffediem.Server.Orders;

/// <summary>Begins the shop's next day at midnight: yesterday's orders leave the lists of today's.</summary>
internal sealed partial class DayChange(OrderStore orders, ILogger<DayChange> logger) : IPeriodicWork
{
    // Checked often rather than waited for: the clock may be set, and the machine may sleep. A check is a comparison.
    public TimeSpan Interval => TimeSpan.FromSeconds(10);

    public Task RunAsync(CancellationToken cancellationToken) => orders.BeginDayAsync(cancellationToken);

    public void LogFailure(Exception exception) => Log.Failed(logger, exception);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The next day could not be begun; trying again.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
