using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Shop.Servers;

/// <summary>
/// The shop's clock is virtual, so that days pass. Timers of seconds (the merging of menus, the sockets' timeouts) run
/// in real time, so that a passing day does not disconnect everybody; it is as if somebody moved the clock forward.
/// </summary>
internal sealed class ShopClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private static readonly TimeSpan LongestRealTimer = TimeSpan.FromSeconds(15);

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => System.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        dueTime < LongestRealTimer
            ? System.CreateTimer(callback, state, dueTime, period)
            : base.CreateTimer(callback, state, dueTime, period);
}
