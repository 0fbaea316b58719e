using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Events;

/// <summary>
/// Server-sent events at <c>/api/events</c> (docs/rest.md, "Event stream"), with the guarantees of the channels.
/// </summary>
public sealed class EventStreamTests
{
    private const string Orders = "/api/collections/order/records";
    private const string Items = "/api/collections/item/records";
    private const string Order = """{"items":[{"item":1}],"customer_id":1}""";

    [Fact]
    public async Task Stream_begins_with_snapshots_and_the_last_one_has_the_id()
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
    public async Task Snapshots_and_changes_equal_those_of_a_channel()
    {
        await using var server = KaffediemServer.Start();
        using var http = Http(server);
        using var rest = server.CreateClient();
        using var client = await ScreenClient.JoinAsync(server.BaseAddress, "order");
        using var stream = await SseScreen.OpenAsync(http, "collections=order");

        var id = (await rest.PostAsync(Orders, Order)).Node["id"];
        await rest.PatchAsync($"{Orders}/{id}", """{"state":"production"}""");
        await rest.DeleteAsync($"{Orders}/1");
        await rest.PostAsync("/api/collections/message/records", """{"title":"Hei"}"""); // another collection
        await rest.PostAsync(Orders, Order);
        await stream.ReachAsync("order", 5);
        await client.ReachAsync(5);

        Assert.True(JsonNode.DeepEquals(client.Joined["items"], stream.Events[0].Data["items"]));
        Assert.Equal(
            client.Changes,
            stream.Events.Skip(1).Select(change => $"{change.Data["action"]} {change.Data["record"]!["id"]}"));
        Assert.Equal([1, 2, 3, 5], stream.Events.Skip(1).Select(change => change.Position));
        Assert.Equal(
            ["collection", "action", "record", "seq"], stream.Events[1].Data.AsObject().Select(member => member.Key));
        Assert.Equal(client.Records(), stream.Records("order"));
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
        using var client = await ScreenClient.JoinAsync(server.BaseAddress, collection);

        await stream.ReadAsync(1);

        Assert.True(JsonNode.DeepEquals(client.Joined["items"], stream.Events[0].Data["items"]));
    }

    [Fact]
    public async Task Order_that_enters_the_filter_is_created_and_one_that_leaves_it_is_deleted()
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
    public async Task Burst_of_menu_changes_is_merged_and_its_last_state_arrives()
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
        using var client = await ScreenClient.JoinAsync(server.BaseAddress, "menu");
        Assert.True(JsonNode.DeepEquals(client.Joined["items"], stream.Menu));
    }

    // An id is a position in all collections. If an order were sent with its id while an earlier menu waits, a client
    // that is cut off at that moment would miss the menu.
    [Fact]
    public async Task Order_is_not_sent_before_a_menu_that_changed_earlier()
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
    public async Task Silent_stream_gets_a_comment_with_the_position_every_15_s()
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
    public async Task Streams_opened_during_writes_end_with_exactly_the_databases_state()
    {
        var streams = TestSettings.Pick(quick: 100, full: 500, @long: 500);
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
