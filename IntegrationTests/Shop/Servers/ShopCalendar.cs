namespace Kaffediem.IntegrationTests.Shop.Servers;

/// <summary>When the shop's days begin: read from a wall clock, not calculated as the server does.</summary>
internal sealed class ShopCalendar(string timeZone)
{
    private static readonly TimeSpan Look = TimeSpan.FromMinutes(15);

    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(timeZone);

    public DateOnly DayOf(DateTimeOffset moment) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, _zone).DateTime);

    /// <summary>The first moment at which the wall clock shows that day.</summary>
    public DateTimeOffset StartOf(DateOnly day)
    {
        var moment = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddHours(-16);
        while (DayOf(moment) < day)
        {
            moment += Look;
        }

        return moment;
    }
}
