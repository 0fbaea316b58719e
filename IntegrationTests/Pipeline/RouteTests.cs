using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Pipeline;

/// <summary>Paths and methods. Unknown paths and methods are answered in JSON.</summary>
public sealed class RouteTests : IAsyncDisposable
{
    private const string Categories = "/api/collections/category/records";

    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public RouteTests() => _client = _server.CreateClient();

    [Theory]
    [InlineData("99999", 404)]
    [InlineData("-1", 404)]
    [InlineData("0", 404)]
    [InlineData("9223372036854775807", 404)]
    [InlineData("99999999999999999999", 404)]
    [InlineData("-99999999999999999999", 404)]
    [InlineData("1/x", 404)]
    [InlineData("abc", 400)]
    [InlineData("1abc", 400)]
    [InlineData("1.0", 400)]
    [InlineData("+", 400)]
    [InlineData("%201", 400)]
    [InlineData("%ff", 400)]
    [InlineData("b1946ac9-2492-4234-a5e6-1f6f5d6b3b11", 400)]
    [InlineData("+1", 200)]
    [InlineData("01", 200)]
    [InlineData("1/", 200)]
    public async Task Id_is_an_integer(string id, int status)
    {
        Assert.Equal(status, (await _client.GetAsync($"{Categories}/{id}")).Status);
    }

    [Theory]
    [InlineData("GET", 404)]
    [InlineData("PATCH", 404)]
    [InlineData("PUT", 404)]
    [InlineData("DELETE", 404)]
    public async Task Unknown_record_returns_404(string method, int status)
    {
        (await _client.SendAsync(method, Categories + "/99999")).Is(status, """{"errors":{"detail":"Not Found"}}""");
    }

    [Theory]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task Malformed_id_returns_400_for_writes_too(string method)
    {
        (await _client.SendAsync(method, Categories + "/abc")).Is(400, """{"errors":{"detail":"Bad Request"}}""");
    }

    [Theory]
    [InlineData("GET", "/nope")]
    [InlineData("GET", "/api")]
    [InlineData("POST", "/api/nope")]
    [InlineData("GET", "/api/collections/category")]
    public async Task Unknown_route_returns_404(string method, string path)
    {
        (await _client.SendAsync(method, path)).Is(404, """{"errors":{"detail":"Not Found"}}""");
    }

    [Theory]
    [InlineData("PATCH", Categories)]
    [InlineData("DELETE", Categories)]
    [InlineData("POST", Categories + "/1")]
    [InlineData("PUT", "/api/session")]
    [InlineData("OPTIONS", Categories)]
    public async Task Wrong_method_returns_405(string method, string path)
    {
        (await _client.SendAsync(method, path)).Is(405, """{"errors":{"detail":"Method Not Allowed"}}""");
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/api/session")]
    [InlineData(Categories)]
    [InlineData(Categories + "/1")]
    [InlineData(Categories + "/99999")]
    public async Task HEAD_is_GET_without_a_body(string path)
    {
        var get = await _client.GetAsync(path);
        var head = await _client.SendAsync("HEAD", path);

        Assert.Equal((get.Status, ""), (head.Status, head.Text));
        Assert.Equal(get.Header("Content-Type"), head.Header("Content-Type"));
    }

    [Fact]
    public async Task Health_reports_the_position_of_the_log()
    {
        var before = (await _client.GetAsync("/health")).Is(200);
        (await _client.PatchAsync(Categories + "/1", """{"sort_order":-9}""")).Is(200);
        var after = (await _client.GetAsync("/health")).Is(200);

        Assert.Equal("ok", after.GetProperty("status").GetString());
        Assert.Equal(before.GetProperty("seq").GetInt64() + 1, after.GetProperty("seq").GetInt64());
        Assert.Equal(before.GetProperty("epoch").GetString(), after.GetProperty("epoch").GetString());
    }

    [Fact]
    public async Task Front_page_links_to_the_health_check_and_the_socket()
    {
        var page = await _client.GetAsync("/");

        Assert.Equal((200, "text/html; charset=utf-8"), (page.Status, page.Header("Content-Type")));
        Assert.Contains("/health", page.Text, StringComparison.Ordinal);
        Assert.Contains($"ws://{_server.BaseAddress.Authority}/socket", page.Text, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }
}
