using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Records;

/// <summary>The collections message and status.</summary>
public sealed class ContentTests : IAsyncDisposable
{
    private const string Messages = "/api/collections/message/records";
    private const string Status = "/api/collections/status/records";

    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public ContentTests() => _client = _server.CreateClient();

    [Fact]
    public async Task Messages_and_status_of_Kaffebase_are_shown_unchanged()
    {
        (await _client.GetAsync(Messages + "/1")).Is(200, """
            {"id":1,"title":"Stengt i dag","subtitle":"Velkommen igjen i morgen",
             "inserted_at":"2026-11-23T12:57:01","updated_at":"2026-11-23T12:57:01"}
            """);
        (await _client.GetAsync(Status)).Is(200, """
            {"items":[{"id":1,"open":true,"show_message":false,"message_id":1,
                       "inserted_at":"2026-11-23T12:57:01","updated_at":"2026-11-23T12:57:01"}]}
            """);
    }

    [Theory]
    [InlineData("""{"title":"","subtitle":null}""", "", null)]
    [InlineData("""{}""", "", null)]
    [InlineData("""{"title":null,"subtitle":""}""", "", null)]
    [InlineData("""{"title":"Åpent","subtitle":"til fem"}""", "Åpent", "til fem")]
    public async Task Message_may_be_blank(string body, string title, string? subtitle)
    {
        var record = (await _client.PostAsync(Messages, body)).Is(201);

        Assert.Equal(title, record.GetProperty("title").GetString());
        Assert.Equal(subtitle, record.GetProperty("subtitle").GetString());
    }

    [Fact]
    public async Task Fields_of_a_message_are_changed_one_by_one()
    {
        (await _client.PatchAsync(Messages + "/1", """{"title":null}""")).Is(200);
        var record = (await _client.PatchAsync(Messages + "/1", """{"subtitle":"ny"}""")).Is(200);

        Assert.Equal("", record.GetProperty("title").GetString());
        Assert.Equal("ny", record.GetProperty("subtitle").GetString());
    }

    [Fact]
    public async Task Deleted_message_returns_404()
    {
        (await _client.DeleteAsync(Messages + "/2")).Is(204);
        (await _client.DeleteAsync(Messages + "/2")).Is(404);
        Assert.Equal(2, (await _client.GetAsync(Messages)).Items.Length);
    }

    [Fact]
    public async Task Status_is_changed_as_the_front_end_does_it()
    {
        const string Body = """{"open":false,"show_message":true,"message_id":null}""";

        var record = (await _client.PatchAsync(Status + "/1", Body)).Is(200);

        Assert.False(record.GetProperty("open").GetBoolean());
        Assert.True(record.GetProperty("show_message").GetBoolean());
        Assert.Null(record.GetProperty("message_id").GetString());
    }

    [Fact]
    public async Task New_status_has_defaults()
    {
        var record = (await _client.PostAsync(Status, """{"open":null}""")).Is(201);

        Assert.False(record.GetProperty("open").GetBoolean());
        Assert.False(record.GetProperty("show_message").GetBoolean());
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }
}
