using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Events;

/// <summary>
/// Server-sent events at <c>/api/events</c> (docs/rest.md, "Event stream"), with the promises of the channels.
/// </summary>
public sealed class EventStreamTests
{
    private const string Orders = "/api/collections/order/records";
    private const string Items = "/api/collections/item/records";
    private const string Order = """{"items":[{"item":1}],"customer_id":1}""";

    [Fact]
    public async Task A_stream_begins_with_snapshots_whose_last_has_the_id()
    {
        await using var server = KaffediemServer.Start();
        using var http = Http(server);
        var database = server.Services.GetRequiredService<Database>();
        using var rest = server.CreateClient();
        await rest.PostAsync(Orders, Order);

        using var client = await SseClient.OpenAsync(http, "collections=order,menu,order");
        Assert.Equal(200, client.Status);
        Assert.Equal("text/event-stream; charset=utf-8", client.Header("Content-Type"));
        Assert.Equal("no-store, no-transform", client.Header("Cache-Control"));
        Assert.Equal("no", client.Header("X-Accel-Buffering"));
        Assert.Equal("retry: 2000", await client.ReadLineAsync());
        var menu = (await client.ReadAsync())!;
        var orders = (await client.ReadAsync())!;

        Assert.Equal(("snapshot", "menu", ""), (menu.Name, menu.Collection, menu.LastEventId));
        Assert.Equal(
            ("snapshot", "order", $"{database.Epoch}:1"), (orders.Name, orders.Collection, orders.LastEventId));
        Assert.Equal(["collection", "items", "seq", "epoch"], orders.Data.AsObject().Select(member => member.Key));
        Assert.Equal((1, database.Epoch), (orders.Seq, (string?)orders.Data["epoch"]));
        Assert.Equal(1, menu.Seq);
    }

    [Fact]
    public async Task Snapshots_and_changes_are_those_of_a_screen()
    {
        await using var server = KaffediemServer.Start();
        using var http = Http(server);
        using var rest = server.CreateClient();
        using var screen = await ScreenClient.JoinAsync(server.BaseAddress, "order");
        using var stream = await SseScreen.OpenAsync(http, "collections=order");

        var id = (await rest.PostAsync(Orders, Order)).Node["id"];
        await rest.PatchAsync($"{Orders}/{id}", """{"state":"production"}""");
        await rest.DeleteAsync($"{Orders}/1");
        await rest.PostAsync("/api/collections/message/records", """{"title":"Hei"}"""); // not for them
        await rest.PostAsync(Orders, Order);
        await stream.ReachAsync("order", 5);
        await screen.ReachAsync(5);

        Assert.True(JsonNode.DeepEquals(screen.Joined["items"], stream.Events[0].Data["items"]));
        Assert.Equal(
            screen.Changes,
            stream.Events.Skip(1).Select(change => $"{change.Data["action"]} {change.Data["record"]!["id"]}"));
        Assert.Equal([1, 2, 3, 5], stream.Events.Skip(1).Select(change => change.Position));
        Assert.Equal(
            ["collection", "action", "record", "seq"], stream.Events[1].Data.AsObject().Select(member => member.Key));
        Assert.Equal(screen.Records(), stream.Records("order"));
        Assert.Empty(stream.Faults);
    }

    [Theory]
    [InlineData("menu")]
    [InlineData("category")]
    [InlineData("item")]
    [InlineData("customization_key")]
    [InlineData("customization_value")]
    [InlineData("order")]
    [InlineData("message")]
    [InlineData("status")]
    public async Task Every_collection_can_be_followed(string collection)
    {
        await using var server = KaffediemServer.Start();
        using var http = Http(server);
        using var stream = await SseScreen.OpenAsync(http, $"collections={collection}");
        using var screen = await ScreenClient.JoinAsync(server.BaseAddress, collection);

        await stream.ReadAsync(1);

        Assert.True(JsonNode.DeepEquals(screen.Joined["items"], stream.Events[0].Data["items"]));
    }

    [Fact]
    public async Task An_order_that_enters_the_filter_is_created_and_one_that_leaves_it_is_deleted()
    {
        await using var server = KaffediemServer.Start();
        using var http = Http(server);
        using var rest = server.CreateClient();
        using var stream = await SseScreen.OpenAsync(http, "collections=order&customer_id=2&from_date=2026-11-01");

        var id = (await rest.PostAsync(Orders, Order)).Node["id"];
        await rest.PatchAsync($"{Orders}/{id}", """{"customer_id":2}""");
        await rest.PatchAsync($"{Orders}/{id}", """{"state":"production"}""");
        await rest.PatchAsync($"{Orders}/{id}", """{"customer_id":1}""");
        await rest.DeleteAsync($"{Orders}/{id}");
        await rest.PostAsync(Orders, """{"items":[{"item":1}],"customer_id":2}""");
        await stream.ReachAsync("order", 6);

        Assert.Empty(stream.Events[0].Data["items"]!.AsArray());
        Assert.Equal(
            ["create 2", "update 3", "delete 4", "create 6"],
            stream.Events.Skip(1).Select(change => $"{change.Data["action"]} {change.Position}"));
        Assert.Equal($$"""{"id":{{id}}}""", stream.Events[3].Data["record"]!.ToJsonString());
    }

    [Fact]
    public async Task Orders_of_today_leave_at_midnight()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 12, 24, 23, 50, 0, TimeSpan.Zero));
        await using var server = Start(time);
        using var http = Http(server);
        using var rest = server.CreateClient();
        await rest.PostAsync(Orders, Order);
        using var stream = await SseScreen.OpenAsync(http, "collections=order&from_date=today");
        await stream.ReadAsync(1);

        time.Advance(TimeSpan.FromMinutes(11));
        await rest.PostAsync(Orders, Order);
        await stream.ReadAsync(2);

        Assert.Equal(["delete", "create"], stream.Events.Skip(1).Select(change => (string?)change.Data["action"]));
        Assert.Empty(stream.Faults);
    }

    [Fact]
    public async Task A_burst_of_menu_changes_is_merged_and_its_last_state_arrives()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = Start(time);
        using var http = Http(server);
        using var rest = server.CreateClient();
        using var stream = await SseScreen.OpenAsync(http, "collections=menu");
        await rest.PatchAsync($"{Items}/1", """{"price_nok":100}""");
        await stream.ReachAsync("menu", 1);

        for (var price = 101; price <= 105; price++)
        {
            await rest.PatchAsync($"{Items}/1", $$"""{"price_nok":{{price}}}""");
        }

        await time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(10), stream.ReachAsync("menu", 6));

        Assert.Equal([0, 1, 6], stream.Events.Select(menu => menu.Seq));
        Assert.Equal([0, 1, 6], stream.Events.Select(menu => menu.Position));
        using var screen = await ScreenClient.JoinAsync(server.BaseAddress, "menu");
        Assert.True(JsonNode.DeepEquals(screen.Joined["items"], stream.Menu));
    }

    // An id says how far all collections are: were it an order's while the menu waits, who is cut off then would not
    // get it.
    [Fact]
    public async Task An_order_is_not_told_before_a_menu_that_changed_before_it()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = Start(time);
        using var http = Http(server);
        using var rest = server.CreateClient();
        using var stream = await SseScreen.OpenAsync(http, "collections=menu,order");
        await rest.PatchAsync($"{Items}/1", """{"price_nok":100}""");
        await stream.ReachAsync("menu", 1);

        await rest.PatchAsync($"{Items}/1", """{"price_nok":101}""");
        await rest.PostAsync(Orders, Order);
        await stream.ReachAsync("order", 3);

        Assert.Equal(
            ["menu 0", "order 0", "menu 1", "menu 2", "order 3"], stream.Events.Select(e => $"{e.Collection} {e.Seq}"));
        Assert.Equal([0, 0, 1, 2, 3], stream.Events.Select(e => e.Position));
    }

    [Fact]
    public async Task Silence_is_broken_every_15_s_by_a_comment_that_tells_the_position()
    {
        var time = new WatchedTime();
        await using var server = Start(time);
        using var http = Http(server);
        using var rest = server.CreateClient();
        var waits = time.NextTimerAsync(TimeSpan.FromSeconds(15));
        using var client = await SseClient.OpenAsync(http, "collections=status");
        var id = (await client.ReadAsync())!.LastEventId;
        await waits;

        time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(": ", await client.ReadLineAsync());

        waits = time.NextTimerAsync(TimeSpan.FromSeconds(15));
        await rest.PostAsync(Orders, Order);
        await waits;
        time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(": ", await client.ReadLineAsync());
        Assert.Equal($"id: {id.Split(':')[0]}:1", await client.ReadLineAsync());
        Assert.Equal("", await client.ReadLineAsync());
    }

    [Fact]
    public async Task Five_hundred_streams_opened_under_fire_end_with_exactly_the_databases_state()
    {
        const int streams = 500;
        await using var server = KaffediemServer.Start();
        using var http = Http(server);
        using var rest = server.CreateClient();
        var writers = Enumerable.Range(0, 4).Select(_ => WriteAsync(server)).ToList();
        var opened = new List<SseScreen>();
        while (opened.Count < streams)
        {
            opened.AddRange(
                await Task.WhenAll(
                    Enumerable.Range(0, 20).Select(_ => SseScreen.OpenAsync(http, "collections=order,status"))));
        }

        await Task.WhenAll(writers);
        await rest.PostAsync(Orders, Order);
        var lastSeq = server.Services.GetRequiredService<Database>().LastSeq;
        await Task.WhenAll(opened.Select(stream => stream.ReachAsync("order", lastSeq)));

        var expected = Sorted((await rest.GetAsync(Orders)).Node["items"]!.AsArray());
        foreach (var stream in opened)
        {
            Assert.Empty(stream.Faults);
            Assert.Equal(expected, stream.Records("order"));
            stream.Dispose();
        }

        Assert.Contains(opened, stream => stream.Events.Count > 100);
    }

    private static async Task WriteAsync(KaffediemServer server)
    {
        using var rest = server.CreateClient();
        for (var turn = 0; turn < 50; turn++)
        {
            var id = (await rest.PostAsync(Orders, Order)).Node["id"];
            await rest.PatchAsync($"{Orders}/{id}", """{"state":"production"}""");
            if (turn % 2 == 0)
            {
                await rest.DeleteAsync($"{Orders}/{id}");
            }
        }
    }

    private static KaffediemServer Start(TimeProvider time) => KaffediemServer.Start(new ServerSetup
    {
        ConfigureServices = services => services.AddSingleton(time),
    });

    private static HttpClient Http(KaffediemServer server) => new() { BaseAddress = server.BaseAddress };

    private static string Sorted(JsonArray records) => "[" + string.Join(
        ",",
        records.OrderBy(record => (long)record!["id"]!).Select(record => record!.ToJsonString(Json.Relaxed))) + "]";
}
