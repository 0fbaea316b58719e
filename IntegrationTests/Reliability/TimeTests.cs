using System.Collections.Concurrent;
using System.Globalization;
using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Reliability;

/// <summary>
/// Midnights, also of odd days, and clocks that are put right: no order's number comes twice on a day.
/// </summary>
[Experiment("Time")]
public sealed class TimeTests
{
    private const int Clients = 8;
    private const int OrdersPerMoment = 10;

    /// <summary>A moment before a midnight in Oslo, and how many hours the day has that then begins.</summary>
    public static TheoryData<string, int> Midnights => new()
    {
        { "2026-11-24T22:59:58Z", 24 },
        { "2026-03-28T22:59:58Z", 23 }, // summer time begins at 02:00
        { "2026-10-24T21:59:58Z", 25 }, // it ends at 03:00
        { "2028-02-28T22:59:58Z", 24 }, // the leap day begins
        { "2028-02-29T22:59:58Z", 24 }, // and ends
        { "2026-12-31T22:59:58Z", 24 },
    };

    [Theory]
    [MemberData(nameof(Midnights))]
    public async Task Under_load_the_numbers_of_every_day_begin_anew_and_none_comes_twice(string eve, int hours)
    {
        var time = At(eve);
        await using var server = Start(time);
        var placed = new ConcurrentBag<Placed>();

        // Before, at and after midnight; then so at the end of that day. Time goes on while orders come in.
        foreach (var pause in (int[])[0, 1, 1, 1, (hours * 3600) - 4, 1, 1, 1])
        {
            var orders = Enumerable.Range(0, Clients).Select(_ =>
                Task.Run(() => PlaceAsync(server, OrdersPerMoment, placed)));
            time.Advance(TimeSpan.FromSeconds(pause));
            await Task.WhenAll(orders);
        }

        var days = placed.GroupBy(order => order.Day).OrderBy(day => day.Key).ToList();
        Assert.Equal(3, days.Count);
        Assert.All(days, day =>
            Assert.Equal(Enumerable.Range(101, day.Count()), day.Select(order => order.Number).Order()));
        Assert.Equal(8 * Clients * OrdersPerMoment, placed.Count);
    }

    [Theory]
    [InlineData("2026-11-24T23:00:05Z", -30)] // back over midnight
    [InlineData("2026-11-24T12:00:00Z", -3 * 3600)] // back within the day
    [InlineData("2026-11-24T12:00:00Z", 60)]
    [InlineData("2026-11-24T12:00:00Z", 9 * 3600)]
    [InlineData("2028-02-29T12:00:00Z", -5)]
    public async Task A_clock_that_jumps_gives_no_number_twice_and_the_screens_of_today_miss_nothing(
        string moment, int seconds)
    {
        var time = At(moment);
        await using var server = Start(time);
        using var client = server.CreateClient();
        using var screen = await ScreenClient.JoinAsync(server.BaseAddress, "order", """{"from_date":"today"}""");
        var placed = new ConcurrentBag<Placed>();

        await PlaceAsync(server, count: 3, placed);
        time.AdjustTime(time.GetUtcNow().AddSeconds(seconds));
        await PlaceAsync(server, count: 3, placed);
        time.AdjustTime(time.GetUtcNow().AddSeconds(-seconds));
        await PlaceAsync(server, count: 3, placed);

        await screen.ReachAsync(9);
        var today = await client.GetAsync($"{ShopFolder.Orders}?from_date=today&sort=id");
        Assert.Equal(Enumerable.Range(101, 9), placed.Select(order => order.Number).Order());
        Assert.Equal(today.Node["items"]!.ToJsonString(Json.Relaxed), screen.Records());
        Assert.Equal(9, today.Items.Length);
        Assert.Empty(screen.Faults);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(400)]
    public async Task A_clock_that_was_days_ahead_and_is_put_right_goes_on_with_the_numbers_of_the_day(int days)
    {
        var time = At("2026-11-24T12:00:00Z");
        await using var server = Start(time);
        var placed = new ConcurrentBag<Placed>();
        var ahead = new ConcurrentBag<Placed>();

        await PlaceAsync(server, count: 5, placed);
        time.AdjustTime(time.GetUtcNow().AddDays(days));
        await PlaceAsync(server, count: 2, ahead);
        time.AdjustTime(time.GetUtcNow().AddDays(-days));
        await PlaceAsync(server, count: 5, placed);

        Assert.Equal(Enumerable.Range(101, 10), placed.Select(order => order.Number).Order());
        Assert.Equal([101, 102], ahead.Select(order => order.Number).Order());
    }

    private static FakeTimeProvider At(string moment) =>
        new(DateTimeOffset.Parse(moment, CultureInfo.InvariantCulture));

    private static KaffediemServer Start(FakeTimeProvider time) => KaffediemServer.Start(new ServerSetup
    {
        Settings = { ["Orders:TimeZone"] = "Europe/Oslo" },
        ConfigureServices = services => services.AddSingleton<TimeProvider>(time),
    });

    private static async Task PlaceAsync(KaffediemServer server, int count, ConcurrentBag<Placed> placed)
    {
        using var client = server.CreateClient();
        for (var i = 0; i < count; i++)
        {
            var order = (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201);
            placed.Add(
                new Placed(DayOf(order.GetProperty("created").GetString()!), order.GetProperty("day_id").GetInt32()));
        }
    }

    // Not as the server reckons: by the calendar of the system.
    private static DateOnly DayOf(string created) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(
        DateTimeOffset.Parse(created, CultureInfo.InvariantCulture),
        TimeZoneInfo.FindSystemTimeZoneById("Europe/Oslo")).DateTime);

    private sealed record Placed(DateOnly Day, int Number);
}
