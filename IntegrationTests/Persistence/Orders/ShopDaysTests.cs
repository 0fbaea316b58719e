using Kaffediem.Persistence.Orders;

namespace Kaffediem.IntegrationTests.Persistence.Orders;

/// <summary>When a day of the shop begins, even where the clocks change at midnight.</summary>
public sealed class ShopDaysTests
{
    [Theory]
    [InlineData("UTC", "2026-11-24", "2026-11-24T00:00:00Z")]
    [InlineData("Europe/Oslo", "2026-11-24", "2026-11-23T23:00:00Z")]
    [InlineData("Europe/Oslo", "2026-07-01", "2026-06-30T22:00:00Z")]
    [InlineData("America/New_York", "2026-11-24", "2026-11-24T05:00:00Z")]
    // Summer time begins: 00:00 does not exist, 01:00 does.
    [InlineData("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z")]
    [InlineData("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z")] // ends at 01:00: 00:00 comes twice
    [InlineData("Europe/Oslo", "0001-01-01", "0001-01-01T00:00:00Z")] // no earlier time can be represented
    [InlineData("America/New_York", "9999-12-31", "9999-12-31T05:00:00Z")]
    [InlineData("Asia/Kolkata", "2026-11-24", "2026-11-23T18:30:00Z")]
    public void Day_begins_at_its_first_moment(string zone, string day, string expected)
    {
        var days = new ShopDays(new OrderOptions { TimeZone = zone });

        Assert.Equal(DateTimeOffset.Parse(expected), days.StartOf(DateOnly.Parse(day)));
    }

    [Theory]
    [InlineData("Europe/Oslo", "2026-11-24T22:59:59Z", "2026-11-23T23:00:00Z", "2026-11-24T23:00:00Z")]
    [InlineData("Europe/Oslo", "2026-11-24T23:00:00Z", "2026-11-24T23:00:00Z", "2026-11-25T23:00:00Z")]
    // Summer time begins: the day has 23 hours.
    [InlineData("Europe/Oslo", "2026-03-28T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")]
    [InlineData("Europe/Oslo", "2026-03-29T21:59:59Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")]
    [InlineData("Europe/Oslo", "2026-03-29T22:00:00Z", "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z")]
    [InlineData("Africa/Cairo", "2026-04-24T20:59:59Z", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z")] // at midnight
    // Summer time ends: the day has 25 hours.
    [InlineData("Europe/Oslo", "2026-10-24T22:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")]
    [InlineData("Europe/Oslo", "2026-10-25T22:59:59Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")]
    [InlineData("Europe/Oslo", "2026-10-25T23:00:00Z", "2026-10-25T23:00:00Z", "2026-10-26T23:00:00Z")]
    // 00:30 for the second time.
    [InlineData("America/Havana", "2026-11-01T05:30:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")]
    public void Moment_belongs_to_the_day_between_two_starts(string zone, string moment, string start, string next)
    {
        var days = new ShopDays(new OrderOptions { TimeZone = zone });

        Assert.Equal(DateTimeOffset.Parse(start), days.StartAt(DateTimeOffset.Parse(moment)));
        Assert.Equal(DateTimeOffset.Parse(next), days.NextStartAfter(DateTimeOffset.Parse(moment)));
    }
}
