using System.Text.Json;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Orders;

/// <summary>
/// Totals of orders: the front end's rule, <c>Math.ceil((price + amounts) * percentages)</c>, with its results.
/// </summary>
public sealed class OrderPriceTests : IAsyncDisposable
{
    private const string Orders = "/api/collections/order/records";
    private const string Oat = """{"price_change":5,"constant_price":true}""";
    private const string Large = """{"price_change":150,"constant_price":false}""";

    private readonly KaffediemServer _server = KaffediemServer.Start(new ServerSetup());
    private readonly RestClient _client;

    public OrderPriceTests() => _client = _server.CreateClient();

    [Theory]
    [InlineData("45", "", "45")]
    [InlineData("45", Oat, "50")]
    [InlineData("45", Large, "68")]
    [InlineData("45", $"{Oat},{Large}", "75")]
    [InlineData("45", $"{Large},{Oat}", "75")]
    [InlineData("45", $"{Large},{Large}", "102")]
    [InlineData("100", """{"price_change":110,"constant_price":false}""", "111")] // 110.00000000000001
    [InlineData("44.5", "", "45")]
    [InlineData("1", """{"price_change":-2,"constant_price":true}""", "-1")]
    [InlineData("1", """{"price_change":-1.5,"constant_price":true}""", "0")] // JavaScript rounds up to -0
    [InlineData("45", """{"price_change":0,"constant_price":false}""", "0")]
    [InlineData("45", """{"price_change":null,"constant_price":null}""", "45")]
    [InlineData("45", """{"price_change":5}""", "null")]
    [InlineData("null", Oat, "null")]
    [InlineData("1e308", """{"price_change":1000,"constant_price":false}""", "null")]
    public async Task Line_total_follows_the_front_ends_rule(string price, string customizations, string total)
    {
        var line = $$"""{"item_id":1,"name":"Latte","price":{{price}},"customizations":[{{customizations}}]}""";

        var order = (await _client.PatchAsync(Orders + "/1", $$"""{"items":[{{line}}]}""")).Is(200);

        Assert.Equal(total, order.GetProperty("items")[0].GetProperty("total").GetRawText());
        Assert.Equal(total, order.GetProperty("total").GetRawText());
    }

    [Fact]
    public async Task Order_total_is_the_sum_of_its_lines()
    {
        var order = (await _client.PostAsync(Orders, """
            {"items":[{"item":1,"customizations":[{"key":1,"value":[2]},{"key":2,"value":[5]}]},{"item":3},{"item":3}]}
            """)).Is(201);

        Assert.Equal([75, 30, 30], order.GetProperty("items").EnumerateArray().Select(Total));
        Assert.Equal(135, Total(order));
        var customizations = order.GetProperty("items")[0].GetProperty("customizations");
        Assert.True(customizations[0].GetProperty("constant_price").GetBoolean());
        Assert.False(customizations[1].GetProperty("constant_price").GetBoolean());
    }

    /// <summary>Kaffebase did not store whether a price change is an amount or a percentage.</summary>
    [Theory]
    [InlineData(1, "null", "null")]
    [InlineData(2, "null", "40,null")]
    [InlineData(4, "30", "30")]
    [InlineData(5, "60", "30,30")]
    public async Task Kaffebase_order_has_totals_only_for_lines_without_customizations(
        int id, string total, string lines)
    {
        var order = (await _client.GetAsync($"{Orders}/{id}")).Is(200);

        Assert.Equal(total, order.GetProperty("total").GetRawText());
        var totals = order.GetProperty("items").EnumerateArray().Select(line => line.GetProperty("total").GetRawText());
        Assert.Equal(lines, string.Join(',', totals));
    }

    [Fact]
    public async Task Order_without_lines_has_total_0()
    {
        var order = (await _client.PatchAsync(Orders + "/1", """{"items":[]}""")).Is(200);

        Assert.Equal(0, Total(order));
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private static double Total(JsonElement priced) => priced.GetProperty("total").GetDouble();
}
