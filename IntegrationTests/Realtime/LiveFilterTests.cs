using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Realtime;

/// <summary>The options of a join also filter the changes that follow it.</summary>
public sealed class LiveFilterTests
{
    private const string Orders = "/api/collections/order/records";

    [Fact]
    public async Task Order_that_enters_the_filter_is_created_and_one_that_leaves_it_is_deleted()
    {
        await using var server = KaffediemServer.Start();
        using var rest = server.CreateClient();
        using var seven = await ScreenClient.JoinAsync(server.BaseAddress, "order", """{"customer_id":7}""");
        using var one = await ScreenClient.JoinAsync(server.BaseAddress, "order", """{"customer_id":"1"}""");

        await rest.PatchAsync($"{Orders}/1", """{"customer_id":7}""");
        await rest.PatchAsync($"{Orders}/1", """{"state":"completed"}""");
        await rest.PatchAsync($"{Orders}/1", """{"customer_id":null}""");
        await rest.PatchAsync($"{Orders}/1", """{"state":"received"}""");
        await rest.DeleteAsync($"{Orders}/1");
        await rest.PostAsync(Orders, """{"customer_id":7,"items":[{"item":1}]}""");
        await rest.PostAsync(Orders, """{"customer_id":1,"items":[{"item":1}]}""");
        await seven.ReachAsync(6);
        await one.ReachAsync(7);

        Assert.Equal(["create 1", "update 1", "delete 1", "create 6"], seven.Changes);
        Assert.Equal(["delete 1", "create 7"], one.Changes);
        Assert.Empty(seven.Faults.Concat(one.Faults));
    }

    [Theory]
    [InlineData("2026-11-24", true)]
    [InlineData("2026-11-25", false)]
    [InlineData("2026-11-24T09:00:00Z", true)]
    [InlineData("2026-11-24T09:00:01", false)]
    [InlineData("2026-11-24T09:59:00+01:00", true)]
    public async Task From_date_as_a_date_or_a_time_filters_changes(string fromDate, bool isSeen)
    {
        await using var server = KaffediemServer.Start(At(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero)));
        using var rest = server.CreateClient();
        using var client = await ScreenClient.JoinAsync(
            server.BaseAddress, "order", $$"""{"from_date":"{{fromDate}}"}""");
        using var all = await ScreenClient.JoinAsync(server.BaseAddress, "order");

        await rest.PatchAsync($"{Orders}/1", """{"state":"completed"}"""); // an order of yesterday
        await rest.PostAsync(Orders, """{"items":[{"item":1}]}""");
        await all.ReachAsync(2);
        await (isSeen ? client.ReachAsync(2) : Task.CompletedTask);

        Assert.Equal(isSeen ? ["create 6"] : [], client.Changes);
    }

    [Fact]
    public async Task Orders_of_the_day_leave_the_filter_of_today_at_midnight()
    {
        // So short before midnight that the clients, which send no heartbeats, do not time out.
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 22, 59, 40, TimeSpan.Zero));
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Settings = { ["Orders:TimeZone"] = "Europe/Oslo" },
            ConfigureServices = services => services.AddSingleton<TimeProvider>(time),
        });
        using var rest = server.CreateClient();
        (await rest.PostAsync(Orders, """{"customer_id":7,"items":[{"item":1}]}""")).Is(201);
        (await rest.PostAsync(Orders, """{"items":[{"item":1}]}""")).Is(201);
        using var today = await ScreenClient.JoinAsync(server.BaseAddress, "order", """{"from_date":"today"}""");
        using var sevens = await ScreenClient.JoinAsync(
            server.BaseAddress, "order", """{"from_date":"today","customer_id":7}""");
        using var all = await ScreenClient.JoinAsync(server.BaseAddress, "order");

        time.Advance(TimeSpan.FromSeconds(20)); // midnight in Oslo
        await today.ReachAsync(4);
        await sevens.ReachAsync(3);
        var next = await rest.PostAsync(Orders, """{"customer_id":7,"items":[{"item":1}]}""");
        await rest.PatchAsync($"{Orders}/6", """{"state":"dispatched"}"""); // of yesterday: no longer in the filter
        await all.ReachAsync(6);
        await rest.PatchAsync($"{Orders}/8", """{"state":"dispatched"}""");
        await today.ReachAsync(7);
        await sevens.ReachAsync(7);

        Assert.Equal(101, (int)next.Node["day_id"]!);
        Assert.Equal(["delete 6", "delete 7", "create 8", "update 8"], today.Changes);
        Assert.Equal(["delete 6", "create 8", "update 8"], sevens.Changes);
        Assert.Equal(["create 8", "update 6"], all.Changes.Take(2));
        Assert.Empty(today.Faults.Concat(sevens.Faults));
    }

    [Fact]
    public async Task Day_of_orders_is_the_shops_local_day()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 22, 59, 0, TimeSpan.Zero));
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Settings = { ["Orders:TimeZone"] = "Europe/Oslo" },
            ConfigureServices = services => services.AddSingleton<TimeProvider>(time),
        });
        using var rest = server.CreateClient();

        Assert.Equal((101, 102), (await PlaceAsync(), await PlaceAsync()));
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((101, 102), (await PlaceAsync(), await PlaceAsync()));
        Assert.Equal(2, (await rest.GetAsync($"{Orders}?from_date=today")).Items.Length);
        Assert.Equal(2, (await rest.GetAsync($"{Orders}?from_date=2026-11-25")).Items.Length);
        Assert.Equal(4, (await rest.GetAsync($"{Orders}?from_date=2026-11-24")).Items.Length);

        async Task<int> PlaceAsync() =>
            (int)(await rest.PostAsync(Orders, """{"items":[{"item":1}]}""")).Node["day_id"]!;
    }

    private static ServerSetup At(DateTimeOffset now) => new()
    {
        ConfigureServices = services => services.AddSingleton<TimeProvider>(new FakeTimeProvider(now)),
    };
}
