using System.Text.Json;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Records;

/// <summary>Lists in pages and in other orders.</summary>
public sealed class PagingTests : IAsyncDisposable
{
    private const string Orders = "/api/collections/order/records";
    private const string Items = "/api/collections/item/records";

    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public PagingTests() => _client = _server.CreateClient();

    [Theory]
    [InlineData("page=1&perPage=2", 1, 2, 3, "1,2")]
    [InlineData("page=2&perPage=2", 2, 2, 3, "3,4")]
    [InlineData("page=3&perPage=2", 3, 2, 3, "5")]
    [InlineData("page=4&perPage=2", 4, 2, 3, "")]
    [InlineData("page=9223372036854775807", 9223372036854775807, 30, 1, "")]
    [InlineData("page=1", 1, 30, 1, "1,2,3,4,5")]
    [InlineData("perPage=500", 1, 500, 1, "1,2,3,4,5")]
    [InlineData("perPage=2&sort=-id", 1, 2, 3, "5,4")]
    public async Task Page_has_its_number_and_the_totals(string query, long page, int perPage, int pages, string ids)
    {
        var list = (await _client.GetAsync($"{Orders}?{query}")).Is(200);

        Assert.Equal(
            (page, perPage, 5, pages),
            (list.GetProperty("page").GetInt64(), list.GetProperty("perPage").GetInt32(),
             list.GetProperty("totalItems").GetInt32(), list.GetProperty("totalPages").GetInt32()));
        Assert.Equal(ids, Ids(list.GetProperty("items").EnumerateArray()));
    }

    [Fact]
    public async Task Empty_list_has_no_pages()
    {
        (await _client.GetAsync(Orders + "?page=1&customer_id=4711")).Is(
            200, """{"page":1,"perPage":30,"totalItems":0,"totalPages":0,"items":[]}""");
    }

    [Fact]
    public async Task Total_counts_only_records_that_match_the_options()
    {
        (await _client.PostAsync(Orders, """{"customer_id":4711,"items":[{"item":1}]}""")).Is(201);

        var list = (await _client.GetAsync(Orders + "?page=1&customer_id=4711")).Is(200);

        Assert.Equal(1, list.GetProperty("totalItems").GetInt32());
    }

    [Fact]
    public async Task List_without_paging_has_all_items_and_no_page_members()
    {
        foreach (var query in new[] { "", "?sort=id", "?_=1" })
        {
            var list = (await _client.GetAsync(Orders + query)).Is(200);
            Assert.Equal(["items"], list.EnumerateObject().Select(property => property.Name));
            Assert.Equal(5, list.GetProperty("items").GetArrayLength());
        }
    }

    [Theory]
    [InlineData("price_nok")]
    [InlineData("-price_nok")]
    [InlineData("category_id,-price_nok,name")]
    [InlineData("enable,-name")]
    [InlineData("image")]
    public async Task List_is_ordered_by_fields_and_then_by_id(string sort)
    {
        const string Eel = """{"name":"Ål","price_nok":0,"category_id":2,"image":"https://b.example/b.png"}""";
        (await _client.PostAsync(Items, Eel)).Is(201);
        (await _client.PostAsync(Items, """{"name":"aa","price_nok":999,"category_id":1,"enable":true}""")).Is(201);
        var expected = (await _client.GetAsync(Items)).Items.OrderBy(_ => 0);
        foreach (var field in sort.Split(','))
        {
            expected = field.StartsWith('-')
                ? expected.ThenByDescending(item => SortKey(item.GetProperty(field[1..])), StringComparer.Ordinal)
                : expected.ThenBy(item => SortKey(item.GetProperty(field)), StringComparer.Ordinal);
        }

        var sorted = (await _client.GetAsync($"{Items}?sort={sort}")).Items;

        Assert.Equal(Ids(expected.ThenBy(item => item.GetProperty("id").GetInt64())), Ids(sorted));
    }

    [Theory]
    [InlineData("page=0", """{"page":["must be a whole number from 1"]}""")]
    [InlineData("page=-1", """{"page":["must be a whole number from 1"]}""")]
    [InlineData("page=x", """{"page":["must be a whole number from 1"]}""")]
    [InlineData("page=", """{"page":["must be a whole number from 1"]}""")]
    [InlineData("page=1&page=2", """{"page":["must be a whole number from 1"]}""")]
    [InlineData("page=1e2", """{"page":["must be a whole number from 1"]}""")]
    [InlineData("page=9223372036854775808", """{"page":["must be a whole number from 1"]}""")]
    [InlineData("perPage=0", """{"perPage":["must be a whole number from 1 to 500"]}""")]
    [InlineData("perPage=501", """{"perPage":["must be a whole number from 1 to 500"]}""")]
    [InlineData("sort=id,-id", """{"sort":["names \"id\" twice"]}""")]
    [InlineData("page=0&perPage=0&sort=id,id",
        """
        {"page":["must be a whole number from 1"],"perPage":["must be a whole number from 1 to 500"],
         "sort":["names \"id\" twice"]}
        """)]
    public async Task Malformed_query_returns_400(string query, string errors)
    {
        (await _client.GetAsync($"{Orders}?{query}")).Is(400, $$"""{"errors":{{errors}}}""");
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("id,password", "password")]
    [InlineData("items", "items")]
    [InlineData("Id", "Id")]
    [InlineData("id;DROP%20TABLE%20item", "id;DROP TABLE item")]
    public async Task Unsortable_field_returns_400(string sort, string name)
    {
        var errors = (await _client.GetAsync($"{Orders}?sort={sort}"))
            .Is(400)
            .GetProperty("errors")
            .GetProperty("sort");

        Assert.StartsWith($"cannot be by \"{name}\"; it can be by ", errors[0].GetString(), StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    // Text that sorts as the value does: false before true, and null first.
    private static string SortKey(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number ? value.GetInt64().ToString("D10") : value.ToString();

    private static string Ids(IEnumerable<JsonElement> records) =>
        string.Join(',', records.Select(record => record.GetProperty("id")));
}
