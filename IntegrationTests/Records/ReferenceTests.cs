using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Records;

/// <summary>Ids of other records: a new id must exist; an id that Kaffebase left dangling may be sent back.</summary>
public sealed class ReferenceTests : IAsyncDisposable
{
    private const string Statuses = "/api/collections/status/records";
    private const string Messages = "/api/collections/message/records";
    private const string Keys = "/api/collections/customization_key/records";
    private const string UnknownMessage = """{"errors":{"message_id":["does not exist"]}}""";
    private const string NotItsValue = """{"errors":{"default_value":["is not a value of this customization"]}}""";

    private readonly KaffediemServer _server = KaffediemServer.Start(new ServerSetup());
    private readonly RestClient _client;

    public ReferenceTests() => _client = _server.CreateClient();

    [Theory]
    [InlineData("999")]
    [InlineData("0")]
    [InlineData("-1")]
    public async Task Unknown_message_is_refused(string id)
    {
        var before = await _client.GetAsync(Statuses);

        (await _client.PostAsync(Statuses, $$"""{"message_id":{{id}}}""")).Is(422, UnknownMessage);
        (await _client.PatchAsync(Statuses + "/1", $$"""{"open":false,"message_id":{{id}}}""")).Is(422, UnknownMessage);

        (await _client.GetAsync(Statuses)).Is(200, before.Text);
    }

    /// <summary>A page sends all fields of the status, and may not know yet that the message was deleted.</summary>
    [Fact]
    public async Task Deleted_message_becomes_null()
    {
        (await _client.DeleteAsync(Messages + "/3")).Is(204);

        var status = (await _client.PatchAsync(
            Statuses + "/1", """{"open":false,"show_message":true,"message_id":3}""")).Is(200);

        Assert.False(status.GetProperty("open").GetBoolean());
        Assert.Equal("null", status.GetProperty("message_id").GetRawText());
        (await _client.GetAsync(Statuses + "/1")).Is(200, status.GetRawText());
    }

    [Fact]
    public async Task Dangling_message_can_be_sent_back()
    {
        SqliteFile.Query<int>(_server.DatabasePath, "UPDATE status SET message_id = 999 WHERE id = 1");

        var status = (await _client.PatchAsync(
            Statuses + "/1", """{"open":false,"show_message":false,"message_id":999}""")).Is(200);

        Assert.Equal(999, status.GetProperty("message_id").GetInt64());
        Assert.False(status.GetProperty("open").GetBoolean());
    }

    [Theory]
    [InlineData("999")] // does not exist
    [InlineData("6")] // a value of another key
    [InlineData("02")] // a form of the id that the front end does not find
    [InlineData("havre")]
    [InlineData("99999999999999999999")]
    public async Task Default_that_is_not_a_value_of_the_key_is_refused(string value)
    {
        var before = await _client.GetAsync(Keys + "/1");

        (await _client.PatchAsync(Keys + "/1", $$"""{"name":"Ny","default_value":"{{value}}"}""")).Is(422, NotItsValue);

        (await _client.GetAsync(Keys + "/1")).Is(200, before.Text);
    }

    [Fact]
    public async Task Dangling_default_can_be_sent_back()
    {
        (await _client.DeleteAsync("/api/collections/customization_value/records/1")).Is(204);

        var key = (await _client.PatchAsync(Keys + "/1", """{"name":"Ny","default_value":"1"}""")).Is(200);

        Assert.Equal(("Ny", "1"), (key.GetProperty("name").GetString(), key.GetProperty("default_value").GetString()));
        (await _client.PatchAsync(Keys + "/1", """{"default_value":""}""")).Is(200);
        (await _client.PatchAsync(Keys + "/1", """{"default_value":"1"}""")).Is(422, NotItsValue);
    }

    /// <summary>A key is created before its values, so a program that fills a menu names a value to come.</summary>
    [Theory]
    [InlineData("999", 201)]
    [InlineData("1", 422)]
    [InlineData("havre", 422)]
    public async Task New_key_may_name_a_value_that_does_not_exist_yet(string value, int status)
    {
        (await _client.PostAsync(Keys, $$"""{"name":"Ny","default_value":"{{value}}"}""")).Is(status);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }
}
