using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Transactions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Realtime;

/// <summary>
/// A client that reconnects sends the position it has reached, and gets either every change it has missed or the whole
/// list, never a part.
/// </summary>
public sealed class ReplayTests
{
    private const string Orders = "/api/collections/order/records";
    private const string AnOrder = """{"items":[{"item":1}]}""";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Missed_changes_are_replayed_in_order_and_live_ones_follow(int version)
    {
        await using var server = KaffediemServer.Start();
        using var rest = server.CreateClient();
        var since = await PositionAsync(server);
        var created = (await rest.PostAsync(Orders, AnOrder)).Node;
        await rest.PostAsync("/api/collections/message/records", """{"title":"x"}"""); // a change of another collection
        var updated = (await rest.PatchAsync($"{Orders}/1", """{"state":"completed"}""")).Node;
        await rest.DeleteAsync($"{Orders}/2");
        using var client = await WireClient.ConnectAsync(server.BaseAddress, version);

        var response = (await client.JoinAsync("collection:order", payload: Since(since))).Response!;
        await rest.DeleteAsync($"{Orders}/3");

        Assert.Equal(
            (true, 4, since.Epoch), ((bool)response["recovered"]!, (int)response["seq"]!, (string?)response["epoch"]));
        Assert.Null(response["items"]);
        Assert.True(
            JsonNode.DeepEquals(
                new JsonArray(
                    Change("create", created, 1),
                    Change("update", updated, 3),
                    Change("delete", new JsonObject { ["id"] = 2 }, 4)),
                response["changes"]),
            response["changes"]!.ToJsonString());
        Assert.True(JsonNode.DeepEquals(
            Change("delete", new JsonObject { ["id"] = 3 }, 5), (await client.ReceiveAsync()).Payload));
    }

    [Fact]
    public async Task Client_that_has_missed_nothing_gets_no_changes()
    {
        await using var server = KaffediemServer.Start();

        Assert.Equal("[]", (await JoinAsync(server, "order", await PositionAsync(server)))["changes"]!.ToJsonString());
        Assert.Equal("[]", (await JoinAsync(server, "menu", await PositionAsync(server)))["changes"]!.ToJsonString());
    }

    [Fact]
    public async Task Foreign_epoch_future_seq_and_pruned_changes_are_answered_with_the_whole_list()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Settings = { ["Database:KeepChanges"] = "2" },
            ConfigureServices = services => services.AddSingleton<TimeProvider>(time),
        });
        using var rest = server.CreateClient();
        for (var i = 0; i < 5; i++)
        {
            await rest.PostAsync(Orders, AnOrder);
        }

        var database = server.Services.GetRequiredService<Database>();
        Assert.Equal(3, await database.PruneChangesAsync(CancellationToken.None));
        var now = await PositionAsync(server);

        foreach (var collection in new[] { "order", "menu" })
        {
            await AssertWholeAsync(collection, now with { Epoch = new string('0', 32) });
            await AssertWholeAsync(collection, now with { Seq = 6 });
            await AssertWholeAsync(collection, now with { Seq = long.MaxValue });
            await AssertWholeAsync(collection, now with { Seq = 2 });
            await AssertWholeAsync(collection, now with { Seq = 0 });
        }

        Assert.Equal(2, (await JoinAsync(server, "order", now with { Seq = 3 }))["changes"]!.AsArray().Count);

        async Task AssertWholeAsync(string collection, ChangePosition since)
        {
            var response = await JoinAsync(server, collection, since);
            Assert.False((bool)response["recovered"]!);
            Assert.Equal((5, now.Epoch), ((int)response["seq"]!, (string?)response["epoch"]));
            Assert.Null(response["changes"]);
            using var client = await ScreenClient.JoinAsync(server.BaseAddress, collection);
            Assert.True(JsonNode.DeepEquals(client.Joined["items"], response["items"]));
        }
    }

    [Fact]
    public async Task Replay_works_after_a_restart()
    {
        await using var server = KaffediemServer.Start();
        using (var rest = server.CreateClient())
        {
            await rest.PostAsync(Orders, AnOrder);
        }

        var since = (await PositionAsync(server)) with { Seq = 0 };
        await server.StopAsync();
        await using var next = KaffediemServer.Start(new ServerSetup { DatabasePath = server.DatabasePath });

        var response = await JoinAsync(next, "order", since);

        Assert.True((bool)response["recovered"]!);
        Assert.Equal("create", (string?)Assert.Single(response["changes"]!.AsArray())!["action"]);
    }

    [Fact]
    public async Task Menu_is_replayed_once_in_its_current_state()
    {
        await using var server = KaffediemServer.Start();
        using var rest = server.CreateClient();
        var since = await PositionAsync(server);
        await rest.PatchAsync("/api/collections/item/records/1", """{"price_nok":46}""");
        await rest.PatchAsync("/api/collections/item/records/1", """{"price_nok":47}""");
        await rest.PostAsync(Orders, AnOrder);

        var change = Assert.Single((await JoinAsync(server, "menu", since))["changes"]!.AsArray())!;

        using var client = await ScreenClient.JoinAsync(server.BaseAddress, "menu");
        Assert.Equal(("update", 2), ((string?)change["action"], (int)change["seq"]!));
        Assert.True(JsonNode.DeepEquals(client.Joined["items"], change["record"]));
    }

    [Fact]
    public async Task Replay_is_filtered_by_the_options()
    {
        await using var server = KaffediemServer.Start();
        using var rest = server.CreateClient();
        var since = await PositionAsync(server);
        await rest.PatchAsync($"{Orders}/1", """{"customer_id":7}""");
        await rest.PatchAsync($"{Orders}/2", """{"state":"completed"}""");
        await rest.PostAsync(Orders, """{"customer_id":7,"items":[{"item":1}]}""");

        var response = await JoinAsync(server, "order", since, """{"customer_id":1}""");

        Assert.Equal(
            ["delete 1", "update 2"],
            response["changes"]!.AsArray().Select(change => $"{change!["action"]} {change["record"]!["id"]}"));
    }

    [Theory]
    [InlineData("order")]
    [InlineData("menu")]
    public async Task Reload_is_answered_like_a_join(string collection)
    {
        await using var server = KaffediemServer.Start();
        using var client = await WireClient.ConnectAsync(server.BaseAddress);
        using var rest = server.CreateClient();
        await client.JoinAsync($"collection:{collection}", payload: Since(await PositionAsync(server)));

        await client.SendAsync("\"1\"", "\"2\"", $"collection:{collection}", "reload");
        var reply = await client.ReceiveAsync();

        using var channel = await ScreenClient.JoinAsync(server.BaseAddress, collection);
        Assert.Equal("ok", reply.Status);
        Assert.True(JsonNode.DeepEquals(channel.Joined, reply.Response));
    }

    [Fact]
    public async Task Reload_keeps_the_options_and_changes_continue()
    {
        await using var server = KaffediemServer.Start();
        using var client = await WireClient.ConnectAsync(server.BaseAddress);
        using var rest = server.CreateClient();
        await client.JoinAsync("collection:order", payload: """{"options":{"customer_id":1}}""");

        await client.SendAsync("\"1\"", "\"2\"", "collection:order", "reload", "null");
        Assert.Equal(4, (await client.ReceiveAsync()).Response!["items"]!.AsArray().Count);
        await rest.PostAsync(Orders, AnOrder);
        await rest.DeleteAsync($"{Orders}/1");

        Assert.Equal("delete", (string?)(await client.ReceiveAsync()).Payload!["action"]);
    }

    private static JsonObject Change(string action, JsonNode record, int seq) => new()
    {
        ["action"] = action,
        ["record"] = record.DeepClone(),
        ["seq"] = seq,
    };

    private static string Since(ChangePosition position, string options = "{}") =>
        $$$"""{"options":{{{options}}},"since":{"epoch":"{{{position.Epoch}}}","seq":{{{position.Seq}}}}}""";

    private static async Task<JsonNode> JoinAsync(
        KaffediemServer server, string collection, ChangePosition since, string options = "{}")
    {
        using var client = await WireClient.ConnectAsync(server.BaseAddress);
        return (await client.JoinAsync($"collection:{collection}", payload: Since(since, options))).Response!;
    }

    private static async Task<ChangePosition> PositionAsync(KaffediemServer server) =>
        await server.Services.GetRequiredService<Database>().ReadAsync(
            transaction => transaction.Position, CancellationToken.None);
}
