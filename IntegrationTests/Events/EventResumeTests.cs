using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Events;

/// <summary>Clients whose event stream was cut off and that reconnect with <c>Last-Event-ID</c>.</summary>
public sealed class EventResumeTests
{
    private const string Orders = "/api/collections/order/records";
    private const string Order = """{"items":[{"item":1}],"customer_id":1}""";

    [Theory]
    [InlineData("collections=order,message,status,item")]
    [InlineData("collections=order&customer_id=1")]
    public async Task Client_cut_off_anywhere_gets_exactly_the_rest_also_from_a_restarted_server(string query)
    {
        await using var server = KaffediemServer.Start();
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        using var stream = await SseScreen.OpenAsync(http, query);
        await stream.ReadAsync(query.Split(',').Length);
        var snapshots = stream.Events.Count;
        using (var rest = server.CreateClient())
        {
            await WriteAsync(rest);
        }

        await stream.ReachAsync("order", server.Services.GetRequiredService<Database>().LastSeq);
        Assert.Empty(stream.Faults);
        await AssertResumesAsync(http);
        await server.StopAsync();
        await using var restarted = KaffediemServer.Start(new ServerSetup { DatabasePath = server.DatabasePath });
        using var again = new HttpClient { BaseAddress = restarted.BaseAddress };
        await AssertResumesAsync(again);

        async Task AssertResumesAsync(HttpClient browser)
        {
            for (var cut = snapshots - 1; cut < stream.Events.Count - 1; cut++)
            {
                using var resumed = await SseScreen.OpenAsync(browser, query, stream.Events[cut].LastEventId);
                var rest = stream.Events.Skip(cut + 1).ToList();
                await resumed.ReadAsync(rest.Count);
                Assert.Equal(
                    rest.Select(e => (e.LastEventId, e.Name, e.Text)),
                    resumed.Events.Select(e => (e.LastEventId, e.Name, e.Text)));
            }
        }
    }

    [Fact]
    public async Task Resumed_stream_with_menu_and_orders_has_exactly_the_missed_orders_and_the_last_menu()
    {
        await using var server = KaffediemServer.Start();
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        using var rest = server.CreateClient();
        using var stream = await SseScreen.OpenAsync(http, "collections=menu,order");
        await stream.ReadAsync(2);
        await Task.WhenAll(Enumerable.Range(1, 40).Select(i => i % 3 == 0
            ? rest.PostAsync(Orders, Order)
            : rest.PatchAsync("/api/collections/item/records/1", $$"""{"price_nok":{{i}}}""")));
        await rest.PostAsync(Orders, Order);
        var lastSeq = server.Services.GetRequiredService<Database>().LastSeq;
        await stream.ReachAsync("order", lastSeq);
        Assert.Empty(stream.Faults);
        var menu = stream.Menu;

        for (var cut = 1; cut < stream.Events.Count - 1; cut++)
        {
            using var resumed = await SseScreen.OpenAsync(
                http, "collections=menu,order", stream.Events[cut].LastEventId);
            await resumed.ReachAsync("order", lastSeq);

            Assert.Equal(OrdersOf(stream.Events.Skip(cut + 1)), OrdersOf(resumed.Events));
            var lastMenu = resumed.Events.LastOrDefault(e => e.Collection == "menu")
                ?? stream.Events.Take(cut + 1).Last(e => e.Collection == "menu");
            Assert.True(JsonNode.DeepEquals(menu, lastMenu.Data["record"]), $"cut after {cut}");
        }

        static IEnumerable<string> OrdersOf(IEnumerable<SseEvent> events) =>
            events.Where(e => e.Collection == "order").Select(e => $"{e.LastEventId} {e.Text}");
    }

    [Theory]
    [InlineData("{epoch}:1", "pruned")]
    [InlineData("{epoch}:11", "from the future")]
    [InlineData("0123456789abcdef0123456789abcdef:9", "of another epoch")]
    [InlineData("{epoch}", "malformed")]
    [InlineData("{epoch}:", "malformed")]
    [InlineData("{epoch}:-1", "malformed")]
    [InlineData("{epoch}: 9", "malformed")]
    [InlineData("{epoch}:99999999999999999999", "malformed")]
    [InlineData("{epoch}:9, {epoch}:9", "malformed")]
    [InlineData("9", "malformed")]
    [InlineData("", "malformed")]
    public async Task Client_whose_missed_changes_cannot_be_replayed_gets_the_whole_lists(
        string lastEventId, string because)
    {
        await using var server = KaffediemServer.Start(
            new ServerSetup { Settings = { ["Database:KeepChanges"] = "5" } });
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        using var rest = server.CreateClient();
        for (var i = 0; i < 10; i++)
        {
            await rest.PostAsync(Orders, Order);
        }

        var database = server.Services.GetRequiredService<Database>();
        await database.PruneChangesAsync(CancellationToken.None);
        using var stream = await SseClient.OpenAsync(
            http, "collections=order,status", lastEventId.Replace("{epoch}", database.Epoch, StringComparison.Ordinal));

        Assert.True(
            ("snapshot", "snapshot") == ((await stream.ReadAsync())!.Name, (await stream.ReadAsync())!.Name), because);
        Assert.Equal($"{database.Epoch}:10", stream.LastEventId);
    }

    [Fact]
    public async Task Client_that_has_everything_gets_only_new_changes()
    {
        await using var server = KaffediemServer.Start();
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        using var rest = server.CreateClient();
        await rest.PostAsync(Orders, Order);
        var epoch = server.Services.GetRequiredService<Database>().Epoch;
        using var byHeader = await SseClient.OpenAsync(
            http, $"collections=order&last_event_id={epoch}:0", $"{epoch}:1");
        using var byQuery = await SseClient.OpenAsync(http, $"collections=order&last_event_id={epoch}:1");

        await rest.PostAsync(Orders, Order);

        Assert.Equal(("change", 2), ((await byHeader.ReadAsync())!.Name, (await byQuery.ReadAsync())!.Seq));
    }

    private static async Task WriteAsync(RestClient rest)
    {
        for (var i = 1; i <= 6; i++)
        {
            var id = (await rest.PostAsync(Orders, Order)).Node["id"];
            await rest.PatchAsync($"{Orders}/{id}", $$"""{"customer_id":{{i % 2}}}""");
            await rest.PostAsync("/api/collections/message/records", """{"title":"Hei"}""");
            await rest.PatchAsync("/api/collections/item/records/1", $$"""{"price_nok":{{i}}}""");
            if (i % 3 == 0)
            {
                await rest.DeleteAsync($"{Orders}/{id}");
            }
        }

        await rest.DeleteAsync("/api/collections/message/records/1"); // the status shows this message
        await rest.PostAsync(Orders, Order);
    }
}
