using Kaffediem.Persistence.Orders;

namespace Kaffediem.IntegrationTests.Persistence;

/// <summary>When a day of the shop begins, also where the clocks change at midnight.</summary>
public sealed class ShopDaysTests
{
    [Theory]
    [InlineData("UTC", "2026-11-24", "2026-11-24T00:00:00Z")]
    [InlineData("Europe/Oslo", "2026-11-24", "2026-11-23T23:00:00Z")]
    [InlineData("Europe/Oslo", "2026-07-01", "2026-06-30T22:00:00Z")]
    [InlineData("America/New_York", "2026-11-24", "2026-11-24T05:00:00Z")]
    [InlineData("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z")] // summer time begins: 00:00 does not exist, 01:00 does
    [InlineData("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z")] // it ends at 01:00: 00:00 comes twice
    [InlineData("Europe/Oslo", "0001-01-01", "0001-01-01T00:00:00Z")] // before which there are no times
    [InlineData("America/New_York", "9999-12-31", "9999-12-31T05:00:00Z")]
    [InlineData("Asia/Kolkata", "2026-11-24", "2026-11-23T18:30:00Z")]
    public void A_day_begins_at_its_first_moment(string zone, string day, string expected)
    {
        var days = new ShopDays(new OrderOptions { TimeZone = zone });

        Assert.Equal(DateTimeOffset.Parse(expected), days.StartOf(DateOnly.Parse(day)));
    }

    [Theory]
    [InlineData("2026-11-24T22:59:59Z", "2026-11-23T23:00:00Z", "2026-11-24T23:00:00Z")]
    [InlineData("2026-11-24T23:00:00Z", "2026-11-24T23:00:00Z", "2026-11-25T23:00:00Z")]
    [InlineData("2026-03-29T10:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")]
    public void A_moment_is_part_of_a_day(string moment, string start, string next)
    {
        var days = new ShopDays(new OrderOptions { TimeZone = "Europe/Oslo" });

        Assert.Equal(DateTimeOffset.Parse(start), days.StartAt(DateTimeOffset.Parse(moment)));
        Assert.Equal(DateTimeOffset.Parse(next), days.NextStartAfter(DateTimeOffset.Parse(moment)));
    }
}
