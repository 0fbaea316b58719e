using System.Text.Json;
using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Orders;

/// <summary>The collection order: placing, listing and changing orders.</summary>
public sealed class OrderTests : IAsyncDisposable
{
    private const string Orders = "/api/collections/order/records";
    private static readonly FakeTimeProvider Time = new(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));

    private readonly KaffediemServer _server = KaffediemServer.Start(new ServerSetup
    {
        ConfigureServices = services => services.AddSingleton<TimeProvider>(Time),
    });

    private readonly RestClient _client;

    public OrderTests() => _client = _server.CreateClient();

    [Fact]
    public async Task Order_of_Kaffebase_is_shown_unchanged_with_the_colours_of_its_keys()
    {
        var answer = await _client.GetAsync(Orders + "/3");

        answer.Is(200, """
            {"id":3,"uuid":"e3acde8e-2d85-4e7e-8e4a-8cb6bdb42d46","customer_id":null,"day_id":103,"state":"production",
             "missing_information":false,"inserted_at":"2026-11-23T12:57:01","updated_at":"2026-11-23T12:57:01",
             "created":"2026-11-23T12:57:01Z","updated":"2026-11-23T12:57:01Z","total":null,
             "items":[{"item_id":4,"name":"Grønn te","price":25.0,"category":"Te","customizations":[
               {"key_id":2,"key_name":"Størrelse","value_id":4,"value_name":"Liten","price_change":100.0,
                "constant_price":null,"label_color":"#b0d0ff"}],
               "left_out":[],"total":null}]}
            """);
    }

    [Fact]
    public async Task Order_is_placed_as_the_front_end_does_it()
    {
        var answer = await _client.PostAsync(Orders, """
            {"customer_id":1,"items":[{"item":1,"customizations":[{"key":1,"value":[2]},{"key":3,"value":[6]},{"key":3,"value":[7]}]},
             {"item":1,"customizations":[]}],"state":"received","missing_information":false}
            """);

        var order = answer.Is(201);
        Assert.Equal("received", order.GetProperty("state").GetString());
        Assert.Equal(101, order.GetProperty("day_id").GetInt64());
        Assert.Equal("2026-11-24T09:00:00.000Z", order.GetProperty("created").GetString());
        var customizations = order.GetProperty("items")[0].GetProperty("customizations");
        Assert.Equal(["Havre", "Vanilje", "Karamell"], Names(customizations, "value_name"));
        Assert.Equal(["Latte", "Latte"], Names(order.GetProperty("items"), "name"));
        (await _client.GetAsync($"{Orders}/{order.GetProperty("id")}")).Is(200, answer.Text);
    }

    [Theory]
    [InlineData("""{"items":[{"item":"1"}]}""")]
    [InlineData("""{"items":{"0":{"item":1}},"customer_id":null,"missing_information":null}""")]
    [InlineData(
        """{"items":[{"item":1,"price":1,"name":"x","customizations":[{"key":1,"value":[]}]}],"id":500,"day_id":5,"uuid":null}""")]
    public async Task Other_forms_of_an_order_are_accepted(string body)
    {
        var order = (await _client.PostAsync(Orders, body)).Is(201);

        Assert.Equal(101, order.GetProperty("day_id").GetInt64());
        Assert.Equal(["Latte"], Names(order.GetProperty("items"), "name"));
        Assert.False(order.GetProperty("missing_information").GetBoolean());
    }

    [Fact]
    public async Task Items_sent_by_index_keep_the_order_of_their_indexes()
    {
        var order = (await _client.PostAsync(Orders, """{"items":{"10":{"item":3},"9":{"item":2},"0":{"item":1}}}"""))
            .Is(201);

        Assert.Equal(["Latte", "Cortado", "Espresso"], Names(order.GetProperty("items"), "name"));
    }

    [Theory]
    [InlineData("""{}""", """{"items":["can't be blank"]}""")]
    [InlineData("""{"items":[]}""", """{"items":["can't be blank"]}""")]
    [InlineData("""{"items":{}}""", """{"items":["can't be blank"]}""")]
    [InlineData("""{"items":null}""", """{"items":["can't be blank"]}""")]
    [InlineData("""{"items":"x"}""", """{"items":["is invalid"]}""")]
    [InlineData("""{"items":5}""", """{"items":["is invalid"]}""")]
    [InlineData("""{"items":[1]}""", """{"items":["is invalid"]}""")]
    [InlineData("""{"items":[null]}""", """{"items":["is invalid"]}""")]
    [InlineData("""{"items":{"x":{"item":1}}}""", """{"items":["is invalid"]}""")]
    [InlineData("""{"items":[{}]}""", """{"items":[{"item":["is required","can't be blank"]}]}""")]
    [InlineData("""{"items":[{"item":null}]}""", """{"items":[{"item":["is required","can't be blank"]}]}""")]
    [InlineData("""{"items":[{"item_id":1}]}""", """{"items":[{"item":["is required","can't be blank"]}]}""")]
    [InlineData("""{"items":[{"item":"abc"}]}""", """{"items":[{"item":["is required","is invalid"]}]}""")]
    [InlineData("""{"items":[{"item":1.5}]}""", """{"items":[{"item":["is required","is invalid"]}]}""")]
    [InlineData("""{"items":[{"item":999}]}""", """{"items":[{"item":["not found"]}]}""")]
    [InlineData("""{"items":[{"item":1},{"item":999}]}""", """{"items":[{},{"item":["not found"]}]}""")]
    [InlineData(
        """{"items":[{"item":1,"customizations":null}]}""", """{"items":[{"customizations":["is invalid"]}]}""")]
    [InlineData("""{"items":[{"item":1,"customizations":"x"}]}""", """{"items":[{"customizations":["is invalid"]}]}""")]
    [InlineData("""{"items":[{"item":1,"customizations":[7]}]}""", """{"items":[{"customizations":["is invalid"]}]}""")]
    [InlineData("""{"items":[{"item":1,"customizations":[{}]}]}""",
        """{"items":[{"customizations":[{"key":["can't be blank"],"value":["can't be blank"]}]}]}""")]
    [InlineData(
        """{"items":[{"item":1,"customizations":[{"key":1}]}]}""",
        """{"items":[{"customizations":[{"value":["can't be blank"]}]}]}""")]
    [InlineData(
        """{"items":[{"item":1,"customizations":[{"key":1,"value":1}]}]}""",
        """{"items":[{"customizations":[{"value":["is invalid"]}]}]}""")]
    [InlineData("""{"items":[{"item":1,"customizations":[{"key":1,"value":["a"]}]}]}""",
        """{"items":[{"customizations":[{"value":["is invalid"]}]}]}""")]
    [InlineData("""{"items":[{"item":1,"customizations":[{"key":1,"value":[null]}]}]}""",
        """{"items":[{"customizations":[{"value":["is invalid"]}]}]}""")]
    [InlineData(
        """{"items":[{"item":1}],"state":"bogus"}""",
        """{"state":["must be received, production, completed or dispatched"]}""")]
    [InlineData(
        """{"items":[{"item":1}],"state":"Received"}""",
        """{"state":["must be received, production, completed or dispatched"]}""")]
    [InlineData("""{"items":[{"item":1}],"state":null}""", """{"state":["can't be blank"]}""")]
    [InlineData(
        """{"items":[{"item":1}],"state":1}""",
        """{"state":["must be received, production, completed or dispatched"]}""")]
    [InlineData("""{"items":[{"item":1},{}],"state":"zz","customer_id":[],"missing_information":"x"}""",
        """
        {"state":["must be received, production, completed or dispatched"],"customer_id":["is invalid"],"missing_information":["is invalid"],
         "items":[{},{"item":["is required","can't be blank"]}]}
        """)]
    public async Task Invalid_order_is_refused_with_all_errors(string body, string errors)
    {
        var answer = await _client.PostAsync(Orders, body);

        answer.Is(422, $$"""{"errors":{{errors}}}""");
        Assert.Equal(5, (await _client.GetAsync(Orders)).Items.Length);
    }

    [Theory]
    [InlineData("", 6)]
    [InlineData("?from_date=today", 1)]
    [InlineData("?from_date=2026-11-24", 1)]
    [InlineData("?from_date=2030-01-01", 0)]
    [InlineData("?from_date=2026-11-24T08:59:59Z", 1)]
    [InlineData("?from_date=2026-11-24T09:00:01", 0)]
    [InlineData("?customer_id=7", 1)]
    [InlineData("?customer_id=8", 0)]
    [InlineData("?customer_id=99999999999999999999", 0)]
    [InlineData("?from_date=today&customer_id=7", 1)]
    public async Task List_is_filtered_by_day_and_customer(string query, int count)
    {
        (await _client.PostAsync(Orders, """{"customer_id":7,"items":[{"item":1}]}""")).Is(201);

        var answer = await _client.GetAsync(Orders + query);

        answer.Is(200);
        Assert.Equal(count, answer.Items.Length);
    }

    [Theory]
    [InlineData("?customer_id=abc", """{"customer_id":["must be an integer"]}""")]
    [InlineData("?customer_id=", """{"customer_id":["must be an integer"]}""")]
    [InlineData(
        "?from_date=yesterday",
        """{"from_date":["must be \"today\", a date as 2026-11-24, or a time as 2026-11-24T10:00:00Z"]}""")]
    public async Task Malformed_option_returns_400(string query, string errors)
    {
        (await _client.GetAsync(Orders + query)).Is(400, $$"""{"errors":{{errors}}}""");
    }

    [Theory]
    [InlineData(1000, 0, 201)]
    [InlineData(1001, 0, 422)]
    [InlineData(1, 998, 201)]
    [InlineData(1, 999, 422)]
    public async Task Order_has_at_most_1000_lines_and_customizations(int lines, int values, int status)
    {
        var choice = values == 0 ? "" : $$"""{"key":3,"value":[{{Repeat("6", values)}}]}""";
        var items = Repeat($$"""{"item":1,"customizations":[{{choice}}]}""", lines);

        var answer = await _client.PostAsync(Orders, $$"""{"items":[{{items}}]}""");

        answer.Is(status);
        Assert.Equal(status == 422, answer.Text == """{"errors":{"items":["should have at most 1000 item(s)"]}}""");

        static string Repeat(string text, int times) => string.Join(',', Enumerable.Repeat(text, times));
    }

    [Fact]
    public async Task Any_state_may_follow_any_other()
    {
        foreach (var state in new[] { "dispatched", "received", "completed", "production", "production" })
        {
            var order = (await _client.PatchAsync(Orders + "/1", $$"""{"state":"{{state}}"}""")).Is(200);
            Assert.Equal(state, order.GetProperty("state").GetString());
        }
    }

    [Fact]
    public async Task Empty_patch_changes_nothing()
    {
        var before = await _client.GetAsync(Orders + "/1");

        (await _client.PatchAsync(Orders + "/1", "{}")).Is(200, before.Text);
    }

    [Fact]
    public async Task Patch_replaces_the_lines_as_sent()
    {
        var order = (await _client.PatchAsync(Orders + "/1", """
            {"missing_information":true,"customer_id":null,"items":[{"item_id":1,"name":"fritt","price":1.5,"category":"c",
             "customizations":[{"key_id":1,"value_id":1}]}]}
            """)).Is(200);

        var line = order.GetProperty("items")[0];
        Assert.Equal(("fritt", 1.5), (line.GetProperty("name").GetString(), line.GetProperty("price").GetDouble()));
        Assert.Equal(1, line.GetProperty("customizations")[0].GetProperty("key_id").GetInt64());
        Assert.True(order.GetProperty("missing_information").GetBoolean());
        Assert.Equal(JsonValueKind.Null, order.GetProperty("customer_id").ValueKind);
        (await _client.PatchAsync(Orders + "/1", """{"items":[]}""")).Is(200);
    }

    [Theory]
    [InlineData("""{"items":[{"item":1}]}""", """
        {"items":[{"item_id":["can't be blank"],"name":["can't be blank"],
          "item":["is not a field; the fields are item_id, name, price, category, left_out, customizations"]}]}
        """)]
    [InlineData("""{"items":null}""", """{"items":["is invalid"]}""")]
    [InlineData("""{"state":""}""", """{"state":["can't be blank"]}""")]
    [InlineData("""{"state":"bogus"}""", """{"state":["must be received, production, completed or dispatched"]}""")]
    [InlineData("""{"items":[{"item_id":1,"name":"x","price":0},{"item_id":1,"name":"x","price":-0.5}]}""",
        """{"items":[{},{"price":["must be greater than or equal to 0"]}]}""")]
    [InlineData("""{"missing_information":null}""", """{"missing_information":["can't be blank"]}""")]
    public async Task Invalid_change_is_refused(string body, string errors)
    {
        var before = await _client.GetAsync(Orders + "/1");

        (await _client.PatchAsync(Orders + "/1", body)).Is(422, $$"""{"errors":{{errors}}}""");
        (await _client.GetAsync(Orders + "/1")).Is(200, before.Text);
    }

    [Fact]
    public async Task Simultaneous_orders_have_different_numbers()
    {
        var placed = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(_ => _client.PostAsync(Orders, """{"items":[{"item":1}]}""")));

        var numbers = placed.Select(answer => answer.Is(201).GetProperty("day_id").GetInt64());
        Assert.Equal(Enumerable.Range(101, 200).Select(number => (long)number), numbers.Order());
    }

    [Fact]
    public async Task Simultaneous_changes_of_all_orders_succeed()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(1, 5).Select(id => _client.PatchAsync($"{Orders}/{id}", """{"state":"dispatched"}""")));

        Assert.All(answers, answer => answer.Is(200));
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private static IEnumerable<string?> Names(JsonElement array, string property) =>
        array.EnumerateArray().Select(element => element.GetProperty(property).GetString());
}
