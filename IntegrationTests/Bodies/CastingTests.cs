using System.Text.Json;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Bodies;

/// <summary>Values of fields are cast as Ecto casts them in Kaffebase.</summary>
public sealed class CastingTests : IAsyncDisposable
{
    private const string Categories = "/api/collections/category/records";

    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public CastingTests() => _client = _server.CreateClient();

    [Theory]
    [InlineData("sort_order", "\"5\"", "5")]
    [InlineData("sort_order", "\"+5\"", "5")]
    [InlineData("sort_order", "\"-05\"", "-5")]
    [InlineData("sort_order", "-3", "-3")]
    [InlineData("sort_order", "9223372036854775807", "9223372036854775807")]
    [InlineData("sort_order", "null", "0")]
    [InlineData("sort_order", "\"\"", "0")]
    [InlineData("enable", "\"true\"", "true")]
    [InlineData("enable", "\"1\"", "true")]
    [InlineData("enable", "\"false\"", "false")]
    [InlineData("enable", "\"0\"", "false")]
    [InlineData("enable", "null", "false")]
    [InlineData("enable", "\"\"", "false")]
    [InlineData("valid_customizations", "[3,\"4\"]", "[3,4]")]
    [InlineData("valid_customizations", "[{\"key_id\":3},{\"key_id\":\"4\"}]", "[3,4]")]
    [InlineData("valid_customizations", "{\"0\":{\"key_id\":3},\"1\":4}", "[3,4]")]
    [InlineData("valid_customizations", "{}", "[]")]
    [InlineData("valid_customizations", "null", "[]")]
    public async Task Castable_value_is_accepted(string field, string value, string expected)
    {
        var record = (await _client.PostAsync(Categories, $$"""{"name":"x","{{field}}":{{value}}}""")).Is(201);

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), record.GetProperty(field)), record.ToString());
    }

    [Theory]
    [InlineData("name", "5")]
    [InlineData("name", "true")]
    [InlineData("name", "[\"a\"]")]
    [InlineData("name", "{\"a\":1}")]
    [InlineData("sort_order", "1.5")]
    [InlineData("sort_order", "1.0")]
    [InlineData("sort_order", "1e2")]
    [InlineData("sort_order", "9223372036854775808")]
    [InlineData("sort_order", "\"9223372036854775808\"")]
    [InlineData("sort_order", "\"abc\"")]
    [InlineData("sort_order", "\" 5\"")]
    [InlineData("sort_order", "\"5\\u0000\"")]
    [InlineData("sort_order", "\"5.0\"")]
    [InlineData("sort_order", "true")]
    [InlineData("sort_order", "[]")]
    [InlineData("enable", "1")]
    [InlineData("enable", "0")]
    [InlineData("enable", "\"yes\"")]
    [InlineData("enable", "\"TRUE\"")]
    [InlineData("enable", "{}")]
    [InlineData("valid_customizations", "\"x\"")]
    [InlineData("valid_customizations", "[null]")]
    [InlineData("valid_customizations", "[1.5]")]
    [InlineData("valid_customizations", "[[1]]")]
    public async Task Value_of_the_wrong_kind_is_invalid(string field, string value)
    {
        var body = field == "name" ? $$"""{"name":{{value}}}""" : $$"""{"name":"x","{{field}}":{{value}}}""";

        (await _client.PostAsync(Categories, body)).Is(422, $$$"""{"errors":{"{{{field}}}":["is invalid"]}}""");
        (await _client.PatchAsync(Categories + "/1", body)).Is(422, $$$"""{"errors":{"{{{field}}}":["is invalid"]}}""");
    }

    [Theory]
    [InlineData("category", """{}""", "name")]
    [InlineData("category", """{"name":""}""", "name")]
    [InlineData("category", """{"name":"   "}""", "name")]
    [InlineData("category", """{"name":null}""", "name")]
    [InlineData("customization_key", """{"enable":true}""", "name")]
    [InlineData("customization_value", """{"name":"x","belongs_to":null}""", "belongs_to")]
    [InlineData("item", """{"name":"x","category_id":1}""", "price_nok")]
    [InlineData("item", """{"name":"x","price_nok":1,"category_id":""}""", "category_id")]
    public async Task Required_field_cannot_be_blank(string collection, string body, string field)
    {
        var answer = await _client.PostAsync($"/api/collections/{collection}/records", body);

        answer.Is(422, $$$"""{"errors":{"{{{field}}}":["can't be blank"]}}""");
    }

    [Theory]
    [InlineData("category", "name")]
    [InlineData("category", "sort_order")]
    [InlineData("category", "enable")]
    [InlineData("item", "price_nok")]
    [InlineData("item", "category_id")]
    [InlineData("customization_key", "multiple_choice")]
    [InlineData("customization_value", "belongs_to")]
    [InlineData("customization_value", "price_increment_nok")]
    [InlineData("customization_value", "constant_price")]
    [InlineData("status", "open")]
    [InlineData("status", "show_message")]
    public async Task Field_that_cannot_be_null_is_not_cleared(string collection, string field)
    {
        var answer = await _client.PatchAsync(
            $"/api/collections/{collection}/records/1", $$$"""{"{{{field}}}":null}""");

        answer.Is(422, $$$"""{"errors":{"{{{field}}}":["can't be blank"]}}""");
    }

    [Theory]
    [InlineData("item", """{"image":5}""", "image")]
    [InlineData("customization_key", """{"default_value":3}""", "default_value")]
    [InlineData("message", """{"title":1}""", "title")]
    [InlineData("status", """{"message_id":"x"}""", "message_id")]
    [InlineData("category", """{"valid_customizations":null}""", "valid_customizations")]
    public async Task Fields_of_every_collection_are_cast(string collection, string body, string field)
    {
        var answer = await _client.PatchAsync($"/api/collections/{collection}/records/1", body);

        answer.Is(422, $$$"""{"errors":{"{{{field}}}":["is invalid"]}}""");
    }

    [Theory]
    [InlineData("[{}]", """[{"key_id":["can't be blank"]}]""")]
    [InlineData("""[{"key_id":1},2,{"key_id":"a"}]""", """[{},{},{"key_id":["is invalid"]}]""")]
    public async Task Customizations_are_refused_one_by_one(string value, string errors)
    {
        var body = $$"""{"name":"x","valid_customizations":{{value}}}""";
        var answer = await _client.PostAsync(Categories, body);
        answer.Is(422, $$$"""{"errors":{"valid_customizations":{{{errors}}}}}""");
    }

    [Fact]
    public async Task All_errors_are_reported_at_once()
    {
        const string Body = """{"price_nok":-5,"category_id":{},"enable":"x","sort_order":"y"}""";

        var answer = await _client.PostAsync("/api/collections/item/records", Body);

        answer.Is(422, """
            {"errors":{"name":["can't be blank"],"price_nok":["must be greater than or equal to 0"],"category_id":["is invalid"],
                       "enable":["is invalid"],"sort_order":["is invalid"]}}
            """);
    }

    [Fact]
    public async Task Protected_fields_are_ignored()
    {
        var answer = await _client.PatchAsync(
            Categories + "/1", """{"id":900,"inserted_at":"2020-01-01T00:00:00","updated_at":5}""");

        answer.Is(200, (await _client.GetAsync(Categories + "/1")).Text);
    }

    [Fact]
    public async Task First_of_two_fields_with_the_same_name_counts()
    {
        var record = (await _client.PostAsync(Categories, """{"name":"first","name":"second"}""")).Is(201);

        Assert.Equal("first", record.GetProperty("name").GetString());
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }
}
