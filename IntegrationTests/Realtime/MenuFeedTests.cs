using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Realtime;

/// <summary>All topics of the catalogue are live, and bursts of changes cause few menus.</summary>
public sealed class MenuFeedTests
{
    private const string Item = "/api/collections/item/records/1";

    [Theory]
    [InlineData("category", """{"name":"Ny"}""", """{"sort_order":-5,"valid_customizations":[1,2]}""")]
    [InlineData("item", """{"name":"Ny","price_nok":30,"category_id":1}""", """{"price_nok":31}""")]
    [InlineData("customization_key", """{"name":"Ny"}""", """{"label_color":"#ff0000"}""")]
    [InlineData("customization_value", """{"name":"Ny","belongs_to":1}""", """{"price_increment_nok":-3}""")]
    public async Task Collections_of_the_catalogue_are_live(string collection, string create, string patch)
    {
        await using var server = KaffediemServer.Start();
        using var client = await WireClient.ConnectAsync(server.BaseAddress);
        using var rest = server.CreateClient();
        var records = $"/api/collections/{collection}/records";
        var joined = await client.JoinAsync($"collection:{collection}");
        Assert.True(JsonNode.DeepEquals((await rest.GetAsync(records)).Node["items"], joined.Response!["items"]));

        var created = (await rest.PostAsync(records, create)).Node;
        await AssertChangeAsync("create", created, 1);
        await AssertChangeAsync("update", (await rest.PatchAsync($"{records}/{created["id"]}", patch)).Node, 2);
        await rest.DeleteAsync($"{records}/{created["id"]}");
        await AssertChangeAsync("delete", new JsonObject { ["id"] = (int)created["id"]! }, 3);

        async Task AssertChangeAsync(string action, JsonNode record, int seq)
        {
            var payload = (await client.ReceiveAsync()).Payload!;
            Assert.Equal((action, seq), ((string?)payload["action"], (int)payload["seq"]!));
            Assert.True(JsonNode.DeepEquals(record, payload["record"]), payload.ToJsonString());
        }
    }

    [Fact]
    public async Task First_change_of_a_burst_is_sent_at_once_and_the_last_state_after_the_pause()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Settings = { ["Menu:CoalesceMs"] = "1000" },
            ConfigureServices = services => services.AddSingleton<TimeProvider>(time),
        });
        using var client = await WireClient.ConnectAsync(server.BaseAddress);
        using var items = await ScreenClient.JoinAsync(server.BaseAddress, "item");
        using var rest = server.CreateClient();
        await client.JoinAsync("collection:menu");

        await PriceAsync(1);
        Assert.Equal((1, 1), await ReadAsync());
        for (var price = 2; price <= 20; price++)
        {
            await PriceAsync(price);
        }

        await items.ReachAsync(20);
        await client.AssertSilentAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((20, 20), await ReadAsync());
        Assert.Equal(20, items.Changes.Count);
        time.Advance(TimeSpan.FromSeconds(10));
        await client.AssertSilentAsync();

        async Task PriceAsync(int price) => (await rest.PatchAsync(Item, $$"""{"price_nok":{{price}}}""")).Is(200);

        async Task<(int Price, int Seq)> ReadAsync()
        {
            var payload = (await client.ReceiveAsync()).Payload!;
            var item = payload["record"]!["indexes"]!["items"]!.AsArray().Single(item => (int)item!["id"]! == 1)!;
            return ((int)item["price_nok"]!, (int)payload["seq"]!);
        }
    }

    [Fact]
    public async Task Orders_messages_and_the_status_send_no_menu()
    {
        await using var server = KaffediemServer.Start();
        using var client = await WireClient.ConnectAsync(server.BaseAddress);
        using var rest = server.CreateClient();
        await client.JoinAsync("collection:menu");

        await rest.PostAsync("/api/collections/order/records", """{"items":[{"item":1}]}""");
        await rest.PostAsync("/api/collections/message/records", """{"title":"x"}""");
        await rest.PatchAsync("/api/collections/status/records/1", """{"open":false}""");
        await rest.PatchAsync(Item, """{"price_nok":1}""");

        Assert.Equal(4, (int)(await client.ReceiveAsync()).Payload!["seq"]!);
    }
}
