using System.Text.Json;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Records;

/// <summary>The collections category, item, customization_key and customization_value.</summary>
public sealed class CatalogTests : IAsyncDisposable
{
    private const string Categories = "/api/collections/category/records";
    private const string Items = "/api/collections/item/records";
    private const string Keys = "/api/collections/customization_key/records";
    private const string Values = "/api/collections/customization_value/records";

    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public CatalogTests() => _client = _server.CreateClient();

    [Fact]
    public async Task Category_of_Kaffebase_is_shown_unchanged()
    {
        var answer = await _client.GetAsync(Categories + "/1");

        answer.Is(200, """
            {"id":1,"name":"Kaffe","sort_order":0,"enable":true,"valid_customizations":[1,2,3],
             "inserted_at":"2026-11-23T12:57:01","updated_at":"2026-11-23T12:57:01"}
            """);
    }

    [Fact]
    public async Task Item_of_Kaffebase_is_shown_unchanged()
    {
        var answer = await _client.GetAsync(Items + "/2");

        answer.Is(200, """
            {"id":2,"name":"Cortado","price_nok":40,"category_id":1,"category_name":"Kaffe",
             "image":"https://bilder.example/cortado.jpg","enable":true,"sort_order":1,
             "inserted_at":"2026-11-23T12:57:01","updated_at":"2026-11-23T12:57:01"}
            """);
    }

    [Fact]
    public async Task Customization_key_of_Kaffebase_is_shown_unchanged()
    {
        var answer = await _client.GetAsync(Keys + "/1");

        answer.Is(200, """
            {"id":1,"name":"Melk","enable":true,"label_color":"#e8e2d0","default_value":"1","multiple_choice":false,"sort_order":0,
             "inserted_at":"2026-11-23T12:57:01","updated_at":"2026-11-23T12:57:01"}
            """);
    }

    [Fact]
    public async Task Customization_value_of_Kaffebase_is_shown_unchanged()
    {
        var answer = await _client.GetAsync(Values + "/2");

        answer.Is(200, """
            {"id":2,"name":"Havre","belongs_to":1,"price_increment_nok":5,"constant_price":true,"enable":true,"sort_order":1,
             "inserted_at":"2026-11-23T12:57:01","updated_at":"2026-11-23T12:57:01"}
            """);
    }

    [Theory]
    [InlineData(Categories, 3)]
    [InlineData(Items, 5)]
    [InlineData(Keys, 4)]
    [InlineData(Values, 8)]
    public async Task List_has_every_record_once_lowest_sort_order_first(string path, int count)
    {
        var answer = await _client.GetAsync(path);

        answer.Is(200);
        Assert.Equal(count, answer.Items.Select(Id).Distinct().Count());
        Assert.Equal(count, answer.Items.Length);
        Assert.Equal(answer.Items.Select(SortOrder).Order(), answer.Items.Select(SortOrder));
    }

    [Theory]
    [InlineData(Categories, """{"name":"Is"}""",
        """{"sort_order":0,"enable":false,"valid_customizations":[]}""")]
    [InlineData(Categories, """{"id":0,"name":"  Is ☕ Å \" \\ ","sort_order":-5,"enable":true,"valid_customizations":[3,4]}""",
        """{"name":"  Is ☕ Å \" \\ ","sort_order":-5,"enable":true,"valid_customizations":[3,4]}""")]
    [InlineData(Items, """{"name":"Mokka","price_nok":0,"category_id":1}""",
        """{"price_nok":0,"category_id":1,"category_name":"Kaffe","image":null,"enable":false,"sort_order":0}""")]
    [InlineData(Items, """{"name":"Mokka","price_nok":30,"category_id":1,"enable":true,"sort_order":20,"image":""}""",
        """{"price_nok":30,"image":null,"enable":true,"sort_order":20}""")]
    [InlineData(Keys, """{"name":"Is"}""",
        """{"enable":false,"label_color":null,"default_value":null,"multiple_choice":false,"sort_order":0}""")]
    [InlineData(Keys, """{"name":"Is","enable":true,"label_color":"#ff0000","default_value":"","multiple_choice":true,"sort_order":1}""",
        """{"enable":true,"label_color":"#ff0000","default_value":null,"multiple_choice":true,"sort_order":1}""")]
    [InlineData(Values, """{"name":"Hvit","belongs_to":3}""",
        """{"belongs_to":3,"price_increment_nok":0,"constant_price":false,"enable":false,"sort_order":0}""")]
    [InlineData(Values, """{"name":"Hvit","belongs_to":999,"price_increment_nok":-5,"constant_price":true,"enable":true,"sort_order":1}""",
        """{"belongs_to":999,"price_increment_nok":-5,"constant_price":true,"enable":true,"sort_order":1}""")]
    public async Task New_record_has_the_sent_fields_and_defaults(string path, string body, string expected)
    {
        var created = await _client.PostAsync(path, body);

        var record = created.Is(201);
        foreach (var property in JsonElement.Parse(expected).EnumerateObject())
        {
            var actual = record.GetProperty(property.Name);
            Assert.True(JsonElement.DeepEquals(property.Value, actual), $"{property.Name}: {created.Text}");
        }

        (await _client.GetAsync($"{path}/{Id(record)}")).Is(200, created.Text);
    }

    [Theory]
    [InlineData(Categories, """{"enable":false,"sort_order":9}""")]
    [InlineData(Categories, """{"valid_customizations":[]}""")]
    [InlineData(Items, """{"price_nok":99,"image":null}""")]
    [InlineData(Items, """{"name":"Mokka","category_id":2}""")]
    [InlineData(Keys, """{"label_color":null,"default_value":"4"}""")]
    [InlineData(Values, """{"price_increment_nok":7,"constant_price":false}""")]
    public async Task Patch_changes_only_the_fields_it_names(string path, string body)
    {
        var before = (await _client.GetAsync(path + "/2")).Json;
        var patch = JsonElement.Parse(body);

        var after = (await _client.PatchAsync(path + "/2", body)).Is(200);

        foreach (var property in before.EnumerateObject())
        {
            if (property.Name is "updated_at" or "category_name")
            {
                continue; // These are derived from the others.
            }

            var expected = patch.TryGetProperty(property.Name, out var changed) ? changed : property.Value;
            Assert.True(JsonElement.DeepEquals(expected, after.GetProperty(property.Name)), property.Name);
        }
    }

    [Fact]
    public async Task Put_works_like_patch()
    {
        using var body = new StringContent("""{"sort_order":7}""", System.Text.Encoding.UTF8, "application/json");

        var record = (await _client.SendAsync("PUT", Categories + "/1", body)).Is(200);

        Assert.Equal("Kaffe", record.GetProperty("name").GetString());
        Assert.Equal(7, SortOrder(record));
    }

    [Fact]
    public async Task Name_of_an_item_is_taken_only_in_its_exact_spelling()
    {
        var taken = await _client.PostAsync(Items, """{"name":"Latte","price_nok":1,"category_id":1}""");
        var other = await _client.PostAsync(Items, """{"name":"latte","price_nok":1,"category_id":1}""");
        var renamed = await _client.PatchAsync(Items + "/2", """{"name":"Latte"}""");

        taken.Is(422, """{"errors":{"name":["has already been taken"]}}""");
        other.Is(201);
        renamed.Is(422, """{"errors":{"name":["has already been taken"]}}""");
    }

    [Fact]
    public async Task Category_of_an_item_must_exist()
    {
        var answer = await _client.PatchAsync(Items + "/1", """{"category_id":999}""");

        answer.Is(422, """{"errors":{"category_id":["does not exist"]}}""");
    }

    [Fact]
    public async Task Category_with_items_is_not_deleted()
    {
        (await _client.DeleteAsync(Categories + "/1")).Is(422);
        (await _client.GetAsync(Categories + "/1")).Is(200);
    }

    [Theory]
    [InlineData(Items)]
    [InlineData(Keys)]
    [InlineData(Values)]
    public async Task Deleted_record_returns_404(string path)
    {
        (await _client.DeleteAsync(path + "/1")).Is(204);
        (await _client.DeleteAsync(path + "/1")).Is(404, """{"errors":{"detail":"Not Found"}}""");
        (await _client.GetAsync(path + "/1")).Is(404, """{"errors":{"detail":"Not Found"}}""");
    }

    [Fact]
    public async Task File_that_is_not_an_image_is_refused_along_with_the_other_errors()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("Mokka"), "name" },
            { new StringContent("-1"), "price_nok" },
            { new StringContent("1"), "category_id" },
            { new ByteArrayContent([1, 2, 3]), "image", "blåbær kake.png" },
        };

        var answer = await _client.SendAsync("POST", Items, form);

        answer.Is(422, """
            {"errors":{"price_nok":["must be greater than or equal to 0"],
                       "image":["must be a PNG, JPEG, WebP, AVIF or GIF image"]}}
            """);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private static long Id(JsonElement record) => record.GetProperty("id").GetInt64();

    private static long SortOrder(JsonElement record) => record.GetProperty("sort_order").GetInt64();
}
