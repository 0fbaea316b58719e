using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Realtime;

/// <summary>The channel collection:* as the front end uses it: docs/design.md, "The front end".</summary>
public sealed class CollectionChannelTests
{
    [Theory]
    [InlineData("order", 5)]
    [InlineData("message", 3)]
    [InlineData("status", 1)]
    public async Task Join_of_a_list_returns_the_records_that_the_REST_API_serves(string collection, int count)
    {
        await using var server = KaffediemServer.Start();
        using var client = await ScreenClient.JoinAsync(server.BaseAddress, collection);
        using var rest = server.CreateClient();

        var items = client.Joined["items"]!.AsArray();

        Assert.Equal(count, items.Count);
        Assert.True(
            JsonNode.DeepEquals(items, (await rest.GetAsync($"/api/collections/{collection}/records")).Node["items"]));
    }

    [Fact]
    public async Task Join_of_the_menu_returns_its_tree_and_all_six_indexes()
    {
        await using var server = KaffediemServer.Start();
        using var client = await ScreenClient.JoinAsync(server.BaseAddress, "menu");

        var menu = client.Joined["items"]!;
        var indexes = menu["indexes"]!.AsObject();
        var latte = menu["tree"]![0]!["items"]![0]!;

        Assert.Equal(
            [
                "categories", "customization_keys", "customization_values", "customizations_by_key", "items",
                "items_by_category",
            ],
            indexes.Select(index => index.Key).Order(StringComparer.Ordinal));
        Assert.Equal([1, 2, 3], indexes["categories"]![0]!["valid_customizations"]!.AsArray().Select(id => (int)id!));
        Assert.Equal(3, indexes["items_by_category"]!["1"]!.AsArray().Count);
        Assert.Equal(3, indexes["customizations_by_key"]!["1"]!.AsArray().Count);
        Assert.Equal("Latte", (string?)latte["name"]);
        Assert.Equal(
            ["Melk", "Størrelse", "Sirup"],
            latte["customizations"]!.AsArray().Select(one => (string?)one!["key"]!["name"]));
        Assert.Equal(
            ["Hel", "Havre", "Laktosefri"],
            latte["customizations"]![0]!["values"]!.AsArray().Select(one => (string?)one!["name"]));
    }

    [Fact]
    public async Task Join_reply_has_seq_and_epoch()
    {
        await using var server = KaffediemServer.Start();
        using var rest = server.CreateClient();
        await rest.PostAsync("/api/collections/message/records", """{"title":"Hei"}""");
        var database = server.Services.GetRequiredService<Database>();

        foreach (var collection in new[] { "order", "message", "status", "menu" })
        {
            using var client = await ScreenClient.JoinAsync(server.BaseAddress, collection);

            Assert.Equal(1, (long)client.Joined["seq"]!);
            Assert.Equal(database.Epoch, (string?)client.Joined["epoch"]);
        }
    }

    [Theory]
    [InlineData("order", """{"items":[{"item":1}]}""", """{"state":"production"}""")]
    [InlineData("message", """{"title":"Hei"}""", """{"title":"Hei","subtitle":"du"}""")]
    [InlineData("status", """{"open":true}""", """{"open":false,"show_message":true,"message_id":1}""")]
    public async Task Create_update_and_delete_arrive_as_in_the_answers_of_the_REST_API(
        string collection, string create, string patch)
    {
        await using var server = KaffediemServer.Start();
        using var client = await WireClient.ConnectAsync(server.BaseAddress);
        await client.JoinAsync($"collection:{collection}");
        using var rest = server.CreateClient();
        var records = $"/api/collections/{collection}/records";

        var created = (await rest.PostAsync(records, create)).Node;
        AssertChange(await client.ReceiveAsync(), "create", created, 1);
        var updated = (await rest.PatchAsync($"{records}/{created["id"]}", patch)).Node;
        AssertChange(await client.ReceiveAsync(), "update", updated, 2);
        await rest.DeleteAsync($"{records}/{created["id"]}");
        AssertChange(await client.ReceiveAsync(), "delete", new JsonObject { ["id"] = (long)created["id"]! }, 3);

        void AssertChange(WireMessage message, string action, JsonNode record, long seq)
        {
            Assert.Equal(($"collection:{collection}", "change"), (message.Topic, message.Event));
            Assert.Equal((action, seq), ((string?)message.Payload?["action"], (long?)message.Payload?["seq"]));
            Assert.True(JsonNode.DeepEquals(record, message.Payload?["record"]), message.Payload?.ToJsonString());
        }
    }

    [Theory]
    [InlineData("category", """{"name":"Ny"}""", """{"sort_order":-5,"valid_customizations":[1,2]}""")]
    [InlineData("item", """{"name":"Ny","price_nok":30,"category_id":1}""", """{"price_nok":31}""")]
    [InlineData("customization_key", """{"name":"Ny"}""", """{"label_color":"#ff0000"}""")]
    [InlineData("customization_value", """{"name":"Ny","belongs_to":1}""", """{"price_increment_nok":-3}""")]
    public async Task Every_change_of_the_catalogue_sends_the_whole_menu(string collection, string create, string patch)
    {
        await using var server = KaffediemServer.Start();
        using var client = await WireClient.ConnectAsync(server.BaseAddress);
        await client.JoinAsync("collection:menu");
        using var rest = server.CreateClient();
        var records = $"/api/collections/{collection}/records";

        var id = (await rest.PostAsync(records, create)).Node["id"];
        await AssertMenuAsync();
        await rest.PatchAsync($"{records}/{id}", patch);
        await AssertMenuAsync();
        await rest.PatchAsync($"{records}/{id}", patch); // changes nothing: a menu would overwrite half-typed forms
        await rest.DeleteAsync($"{records}/{id}");
        await AssertMenuAsync();

        async Task AssertMenuAsync()
        {
            var change = await client.ReceiveAsync();
            Assert.Equal("update", (string?)change.Payload?["action"]);
            using var channel = await ScreenClient.JoinAsync(server.BaseAddress, "menu");
            Assert.True(JsonNode.DeepEquals(channel.Joined["items"], change.Payload?["record"]));
        }
    }

    [Fact]
    public async Task Refused_and_empty_changes_are_not_broadcast()
    {
        await using var server = KaffediemServer.Start();
        using var client = await WireClient.ConnectAsync(server.BaseAddress);
        await client.JoinAsync("collection:order");
        using var rest = server.CreateClient();

        await rest.PostAsync("/api/collections/order/records", """{"items":[]}""");
        await rest.PostAsync("/api/collections/order/records", """{"items":[{"item":1},{"item":999}]}""");
        await rest.PatchAsync("/api/collections/order/records/1", "{}");
        await rest.PatchAsync("/api/collections/order/records/999", """{"state":"completed"}""");
        await rest.DeleteAsync("/api/collections/order/records/999");
        await rest.PatchAsync("/api/collections/order/records/2", """{"state":"dispatched"}""");

        Assert.Equal(2, (int?)(await client.ReceiveAsync()).Payload?["record"]?["id"]);
    }

    [Fact]
    public async Task Deleting_the_shown_message_broadcasts_the_status_too()
    {
        await using var server = KaffediemServer.Start();
        using var client = await WireClient.ConnectAsync(server.BaseAddress);
        await client.JoinAsync("collection:status");
        using var rest = server.CreateClient();

        await rest.DeleteAsync("/api/collections/message/records/1");
        var change = await client.ReceiveAsync();

        Assert.Equal("update", (string?)change.Payload?["action"]);
        Assert.Null(change.Payload?["record"]?["message_id"]);
    }

    [Theory]
    [InlineData("collection:nope")]
    [InlineData("collection:")]
    public async Task Join_of_an_unknown_collection_returns_no_items_and_logs_one_warning(string topic)
    {
        await using var server = KaffediemServer.Start();
        server.Logs.Expect("which does not exist");
        using var client = await WireClient.ConnectAsync(server.BaseAddress);

        var reply = await client.JoinAsync(topic);

        Assert.Equal(("ok", "[]"), (reply.Status, reply.Response?["items"]?.ToJsonString()));
        Assert.Equal(1, server.Logs.Count("which does not exist"));
    }

    // Reference transcript W53-W68.
    [Theory]
    [InlineData("{}", 5)]
    [InlineData("null", 5)]
    [InlineData("""{"options":null}""", 5)]
    [InlineData("""{"options":{}}""", 5)]
    [InlineData("""{"options":{"from_date":"2099-01-01"}}""", 0)]
    [InlineData("""{"options":{"from_date":"2026-11-23T12:00:00Z"}}""", 5)]
    [InlineData("""{"options":{"customer_id":1}}""", 4)]
    [InlineData("""{"options":{"customer_id":"1"}}""", 4)]
    [InlineData("""{"options":{"customer_id":2}}""", 0)]
    [InlineData("""{"options":{"from_date":"0001-01-01"}}""", 5)]
    [InlineData("""{"since":{"epoch":"x","seq":9223372036854775808}}""", 5)]
    [InlineData("""{"since":{"epoch":"x","seq":1e25}}""", 5)]
    public async Task Options_filter_the_orders_of_the_snapshot(string payload, int count)
    {
        await using var server = KaffediemServer.Start();
        using var client = await WireClient.ConnectAsync(server.BaseAddress);

        var reply = await client.JoinAsync("collection:order", payload: payload);

        Assert.Equal(count, reply.Response?["items"]?.AsArray().Count);
    }

    [Fact]
    public async Task From_date_today_excludes_the_orders_of_other_days()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(
            new DateTimeOffset(2026, 12, 24, 23, 59, 0, TimeSpan.Zero));
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            ConfigureServices = services => services.AddSingleton<TimeProvider>(time),
        });
        using var rest = server.CreateClient();

        await rest.PostAsync("/api/collections/order/records", """{"items":[{"item":1}]}""");
        Assert.Equal([101], await DayNumbersAsync());
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Empty(await DayNumbersAsync());
        await rest.PostAsync("/api/collections/order/records", """{"items":[{"item":1}]}""");
        await rest.PostAsync("/api/collections/order/records", """{"items":[{"item":1}]}""");
        Assert.Equal([101, 102], await DayNumbersAsync());

        async Task<IEnumerable<int>> DayNumbersAsync()
        {
            using var client = await ScreenClient.JoinAsync(server.BaseAddress, "order", """{"from_date":"today"}""");
            return client.Joined["items"]!.AsArray().Select(order => (int)order!["day_id"]!);
        }
    }

    [Theory]
    [InlineData("collection:status", "[]")]
    [InlineData("collection:order", """{"options":"x"}""")]
    [InlineData("collection:order", """{"options":{"customer_id":"abc"}}""")]
    [InlineData("collection:order", """{"options":{"customer_id":1.5}}""")]
    [InlineData("collection:order", """{"options":{"from_date":5}}""")]
    [InlineData("collection:order", """{"options":{"from_date":"i dag"}}""")]
    [InlineData("collection:order", """{"options":{"from_date":"2026-02-30"}}""")]
    [InlineData("collection:order", """{"since":{"seq":1}}""")]
    [InlineData("collection:menu", """{"since":{"epoch":"x","seq":-1}}""")]
    [InlineData("collection:menu", """{"since":7}""")]
    public async Task Malformed_options_are_refused_with_a_reason(string topic, string payload)
    {
        await using var server = KaffediemServer.Start();
        using var client = await WireClient.ConnectAsync(server.BaseAddress);

        var reply = await client.JoinAsync(topic, payload: payload);

        Assert.Equal("error", reply.Status);
        Assert.Contains("must be", reply.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Push_is_answered_with_an_error_that_names_the_event()
    {
        await using var server = KaffediemServer.Start();
        using var client = await WireClient.ConnectAsync(server.BaseAddress);
        await client.JoinAsync("collection:order");

        await client.SendAsync("\"1\"", "\"2\"", "collection:order", "shout");

        Assert.Equal("shout", (string?)(await client.ReceiveAsync()).Response?["event"]);
    }

    [Fact]
    public async Task V1_client_gets_the_same_snapshot_and_changes()
    {
        await using var server = KaffediemServer.Start();
        using var v1 = await WireClient.ConnectAsync(server.BaseAddress, 1);
        using var v2 = await WireClient.ConnectAsync(server.BaseAddress, 2);
        using var rest = server.CreateClient();

        Assert.True(JsonNode.DeepEquals(
            (await v1.JoinAsync("collection:order")).Response, (await v2.JoinAsync("collection:order")).Response));
        await rest.PostAsync("/api/collections/order/records", """{"items":[{"item":1}]}""");

        Assert.True(JsonNode.DeepEquals((await v1.ReceiveAsync()).Payload, (await v2.ReceiveAsync()).Payload));
    }

    [Fact]
    public async Task All_clients_see_parallel_writes_in_commit_order()
    {
        await using var server = KaffediemServer.Start();
        var clients = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(_ => ScreenClient.JoinAsync(server.BaseAddress, "order")));
        using var rest = server.CreateClient();

        // The button "Nullstill" sends one PATCH for every order, all at once (docs/design.md, "The front end").
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ =>
            rest.PostAsync("/api/collections/order/records", """{"items":[{"item":1}]}""")));
        var orders = (await rest.GetAsync("/api/collections/order/records")).Node["items"]!.AsArray();
        var answers = await Task.WhenAll(orders.Select(order =>
            rest.PatchAsync($"/api/collections/order/records/{order!["id"]}", """{"state":"dispatched"}""")));
        await Task.WhenAll(clients.Select(client => client.ReachAsync(205)));

        Assert.All(answers, answer => Assert.Equal(200, (int)answer.Status));
        foreach (var client in clients)
        {
            Assert.Empty(client.Faults);
            Assert.Equal(205, client.Changes.Count);
            Assert.Equal(clients[0].Changes, client.Changes);
            client.Dispose();
        }
    }
}
