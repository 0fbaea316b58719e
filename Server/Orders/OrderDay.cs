namespace Kaffediem.Server.Orders;

/// <summary>The day orders are counted and listed by.</summary>
internal static class OrderDay
{
    /// <summary>What the front end asks for: <c>from_date: "today"</c>.</summary>
    public const string Today = "today";

    /// <summary>When the current day began: midnight UTC, as in Kaffebase.</summary>
    public static DateTimeOffset StartOfToday(TimeProvider time) => new(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
}
