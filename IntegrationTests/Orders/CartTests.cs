using System.Text.Json;
using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Orders;

/// <summary>
/// Orders from the front end's cart, which may be older than the menu and keeps customizations from one item to the
/// next (docs/rest.md, "order"). In the sample a latte (1) has milk (1), size (2) and syrup (3); green tea (4) has a
/// size.
/// </summary>
public sealed class CartTests : IAsyncDisposable
{
    private const string Records = "/api/collections/";
    private const string Orders = Records + "order/records";
    private const string LatteWithOatAndVanilla =
        """
        {"customer_id":1,"items":[{"item":1,"customizations":[{"key":1,"value":[2]},{"key":3,"value":[6]}]}],
         "state":"received","missing_information":false}
        """;

    private readonly KaffediemServer _server = KaffediemServer.Start(new ServerSetup());
    private readonly RestClient _client;

    public CartTests() => _client = _server.CreateClient();

    [Fact]
    public async Task Customization_of_another_item_is_kept()
    {
        var line = await PlaceAsync(
            """{"items":[{"item":4,"customizations":[{"key":1,"value":[1]},{"key":2,"value":[5]}]}]}""");

        Assert.Equal(["Melk Hel", "Størrelse Stor"], Choices(line));
        AssertNothingLeftOut(line);
        Assert.Equal(38, line.GetProperty("total").GetDouble());
    }

    [Fact]
    public async Task Key_removed_from_the_category_is_kept()
    {
        (await _client.PatchAsync(Records + "category/records/1", """{"valid_customizations":[2]}""")).Is(200);

        var line = await PlaceAsync(LatteWithOatAndVanilla);

        Assert.Equal(["Melk Havre", "Sirup Vanilje"], Choices(line));
        AssertNothingLeftOut(line);
    }

    [Fact]
    public async Task Changed_prices_apply()
    {
        (await _client.PatchAsync(Records + "item/records/1", """{"price_nok":50}""")).Is(200);
        (await _client.PatchAsync(Records + "customization_value/records/2", """{"price_increment_nok":7}""")).Is(200);

        var line = await PlaceAsync(LatteWithOatAndVanilla);

        Assert.Equal(50, line.GetProperty("price").GetDouble());
        Assert.Equal(7, line.GetProperty("customizations")[0].GetProperty("price_change").GetDouble());
        Assert.Equal(62, line.GetProperty("total").GetDouble());
    }

    [Theory]
    [InlineData("item", 1, """{"enable":false}""")]
    [InlineData("customization_key", 1, """{"enable":false}""")]
    [InlineData("customization_value", 2, """{"enable":false}""")]
    public async Task Disabled_records_can_be_ordered(string collection, int id, string patch)
    {
        (await _client.PatchAsync($"{Records}{collection}/records/{id}", patch)).Is(200);

        var line = await PlaceAsync(LatteWithOatAndVanilla);

        Assert.Equal(["Melk Havre", "Sirup Vanilje"], Choices(line));
        AssertNothingLeftOut(line);
    }

    [Fact]
    public async Task Value_moved_to_another_key_stays_under_the_sent_key()
    {
        (await _client.PatchAsync(Records + "customization_value/records/2", """{"belongs_to":3}""")).Is(200);

        var line = await PlaceAsync(LatteWithOatAndVanilla);

        Assert.Equal(["Melk Havre", "Sirup Vanilje"], Choices(line));
        AssertNothingLeftOut(line);
    }

    [Theory]
    [InlineData("customization_value", 2, "value not found")]
    [InlineData("customization_key", 1, "key not found")]
    public async Task Deleted_customization_is_listed_in_left_out(string collection, int id, string reason)
    {
        (await _client.DeleteAsync($"{Records}{collection}/records/{id}")).Is(204);

        var line = await PlaceAsync(LatteWithOatAndVanilla);

        Assert.Equal(["Sirup Vanilje"], Choices(line));
        Assert.Equal(
            $$"""[{"key_id":1,"value_id":2,"reason":"{{reason}}"}]""", line.GetProperty("left_out").GetRawText());
        Assert.Equal(50, line.GetProperty("total").GetDouble());
    }

    [Fact]
    public async Task Answer_broadcast_list_snapshot_and_log_have_the_same_order()
    {
        (await _client.DeleteAsync(Records + "customization_value/records/2")).Is(204);
        using var frames = await FrameClient.ConnectAsync(_server.BaseAddress);
        using var client = new WireClient(frames, 2);
        Assert.Equal("ok", (await client.JoinAsync("collection:order")).Status);

        var placed = (await _client.PostAsync(Orders, LatteWithOatAndVanilla)).Node;
        var change = await client.ReceiveAsync();
        using var later = new WireClient(await FrameClient.ConnectAsync(_server.BaseAddress), 2);
        var snapshot = await later.JoinAsync("collection:order");

        AssertSame(placed, change.Payload!["record"]);
        AssertSame(placed, (await _client.GetAsync($"{Orders}/{placed["id"]}")).Node);
        AssertSame(placed, Find((await _client.GetAsync(Orders)).Node, placed));
        AssertSame(placed, Find(snapshot.Response!, placed));
        var logged = SqliteFile.Query<string>(
            _server.DatabasePath, "SELECT record FROM change_log ORDER BY seq DESC LIMIT 1");
        AssertSame(placed, JsonNode.Parse(logged[0]));
    }

    [Fact]
    public async Task Patching_the_same_lines_changes_nothing()
    {
        (await _client.DeleteAsync(Records + "customization_value/records/2")).Is(204);
        var order = (await _client.PostAsync(Orders, LatteWithOatAndVanilla)).Is(201);
        var items = order.GetProperty("items").GetRawText();

        var same = await _client.PatchAsync($"{Orders}/{order.GetProperty("id")}", $$"""{"items":{{items}}}""");

        same.Is(200, order.GetRawText());
    }

    /// <summary>No page deletes items. A line needs its item; Kaffebase refuses such an order, too.</summary>
    [Fact]
    public async Task Deleted_item_is_refused()
    {
        (await _client.DeleteAsync(Records + "item/records/2")).Is(204);

        (await _client.PostAsync(Orders, """{"items":[{"item":1},{"item":2}]}"""))
            .Is(422, """{"errors":{"items":[{},{"item":["not found"]}]}}""");
    }

    [Theory]
    [InlineData("""[{"key":1,"value":[1,2]}]""", """[{"value":["only one may be chosen"]}]""")]
    [InlineData("""[{"key":1,"value":[2,2,1]}]""", """[{"value":["only one may be chosen"]}]""")]
    [InlineData("""[{"key":1,"value":[1]},{"key":3,"value":[6,7]},{"key":1,"value":[2]}]""",
        """[{},{},{"value":["only one may be chosen"]}]""")]
    public async Task Second_value_of_a_single_choice_key_is_refused(string customizations, string errors)
    {
        var body = $$"""{"items":[{"item":1},{"item":1,"customizations":{{customizations}} }]}""";

        (await _client.PostAsync(Orders, body))
            .Is(422, $$"""{"errors":{"items":[{},{"customizations":{{errors}} }]} }""");
    }

    /// <summary>The front end sends each key's default under the key that the value currently belongs to.</summary>
    [Theory]
    [InlineData(1, 5)]
    [InlineData(5, 1)]
    public async Task Moved_default_is_accepted_beside_the_keys_own_value(int first, int second)
    {
        // Whole milk is still the default of milk (1), but belongs to size (2).
        (await _client.PatchAsync(Records + "customization_value/records/1", """{"belongs_to":2}""")).Is(200);

        var line = await PlaceAsync($$"""
            {"items":[{"item":1,"customizations":[{"key":2,"value":[{{first}}]},{"key":2,"value":[{{second}}]}]}]}
            """);

        Assert.Equal(["Størrelse Hel", "Størrelse Stor"], Choices(line).Order());
        const string TwoChosen = """{"items":[{"item":1,"customizations":[{"key":2,"value":[1,4,5]}]}]}""";
        (await _client.PostAsync(Orders, TwoChosen)).Is(422);
    }

    [Theory]
    [InlineData("""[{"key":1,"value":[999,2]},{"key":3,"value":[6]}]""", "Melk Havre, Sirup Vanilje")]
    [InlineData("""[{"key":1,"value":[]},{"key":1,"value":[2]}]""", "Melk Havre")]
    [InlineData("""[{"key":3,"value":[6]},{"key":3,"value":[7,6]}]""", "Sirup Vanilje, Sirup Karamell, Sirup Vanilje")]
    public async Task Unknown_values_do_not_count_as_a_choice(string customizations, string expected)
    {
        var line = await PlaceAsync(
            $$"""{"items":[{"item":1,"customizations":{{customizations}} }]}""");

        Assert.Equal(expected, string.Join(", ", Choices(line)));
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private async Task<JsonElement> PlaceAsync(string order) =>
        (await _client.PostAsync(Orders, order)).Is(201).GetProperty("items")[0];

    private static IEnumerable<string> Choices(JsonElement line) =>
        line.GetProperty("customizations").EnumerateArray()
            .Select(choice => $"{choice.GetProperty("key_name")} {choice.GetProperty("value_name")}");

    private static JsonNode? Find(JsonNode list, JsonNode order) =>
        list["items"]!.AsArray().Single(item => (long)item!["id"]! == (long)order["id"]!);

    private static void AssertNothingLeftOut(JsonElement line) =>
        Assert.Equal("[]", line.GetProperty("left_out").GetRawText());

    private static void AssertSame(JsonNode expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"Expected {expected}, got {actual}");
}
