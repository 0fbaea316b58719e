using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Shop.Servers;

/// <summary>
/// The shop's clock is virtual, so that days pass; what takes seconds (the merging of menus, the sockets' timeouts) is
/// timed for real, so that a day that passes does not cut everybody off. As if somebody put the clock forward.
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
