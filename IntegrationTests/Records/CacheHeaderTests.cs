using Kaffediem.IntegrationTests.Images;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Records;

/// <summary>
/// The cache headers of every kind of answer of every resource (RFC 9111 §3, §4.1).
/// </summary>
public sealed class CacheHeaderTests : IAsyncDisposable
{
    private const string Records = "/api/collections/item/records";
    private const string Revalidated = "max-age=0, private, must-revalidate";
    private const string Unchanging = "public, max-age=31536000, immutable";
    private const string Stream = "no-store, no-transform";
    private const string NotKept = "no-store";

    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public CacheHeaderTests() => _client = _server.CreateClient();

    [Theory]
    [InlineData("GET", Records, 200, Revalidated)]
    [InlineData("HEAD", Records, 200, Revalidated)]
    [InlineData("GET", Records, 304, Revalidated, "If-None-Match", "*")]
    [InlineData("GET", Records + "?page=x", 400, NotKept)]
    [InlineData("DELETE", Records, 405, NotKept)]
    [InlineData("POST", Records, 201, NotKept)]
    [InlineData("POST", Records, 403, NotKept, "Origin", "http://evil.example")]
    [InlineData("OPTIONS", Records, 405, NotKept)]
    [InlineData("GET", Records + "/1", 200, Revalidated)]
    [InlineData("HEAD", Records + "/1", 200, Revalidated)]
    [InlineData("GET", Records + "/1", 304, Revalidated, "If-None-Match", "*")]
    [InlineData("GET", Records + "/x", 400, NotKept)]
    [InlineData("GET", Records + "/999", 404, NotKept)]
    [InlineData("PATCH", Records + "/1", 200, NotKept)]
    [InlineData("PATCH", Records + "/1", 412, NotKept, "If-Match", "\"x\"")]
    [InlineData("DELETE", Records + "/3", 204, NotKept)]
    [InlineData("GET", "{image}", 200, Unchanging)]
    [InlineData("HEAD", "{image}", 200, Unchanging)]
    [InlineData("GET", "{image}", 206, Unchanging, "Range", "bytes=0-1")]
    [InlineData("GET", "{image}", 304, Unchanging, "If-None-Match", "*")]
    [InlineData("GET", "{image}", 412, NotKept, "If-Match", "\"x\"")]
    [InlineData("GET", "{image}", 416, NotKept, "Range", "bytes=1000000-")]
    [InlineData("GET", "/uploads/0123456789abcdef0123456789abcdef.png", 404, NotKept)]
    [InlineData("POST", "{image}", 405, NotKept)]
    [InlineData("GET", "/api/session", 200, NotKept)]
    [InlineData("HEAD", "/api/session", 200, NotKept)]
    [InlineData("GET", "/api/session", 204, NotKept, "X-Forwarded-For", "192.0.2.1")]
    [InlineData("POST", "/api/session", 400, NotKept)]
    [InlineData("DELETE", "/api/session", 204, NotKept)]
    [InlineData("PUT", "/api/session", 405, NotKept)]
    [InlineData("HEAD", "/api/events?collections=item", 200, Stream)]
    [InlineData("GET", "/api/events", 400, Stream)]
    [InlineData("GET", "/api/events?collections=item", 403, Stream, "Origin", "http://evil.example")]
    [InlineData("POST", "/api/events", 405, NotKept)]
    [InlineData("GET", "/openapi/v1.json", 200, Revalidated)]
    [InlineData("GET", "/openapi/v1.json", 304, Revalidated, "If-None-Match", "*")]
    [InlineData("GET", "/health", 200, NotKept)]
    [InlineData("GET", "/health/ready", 200, NotKept)]
    [InlineData("GET", "/health/live", 200, NotKept)]
    [InlineData("GET", "/", 200, NotKept)]
    [InlineData("GET", "/nope", 404, NotKept)]
    public async Task Every_answer_has_its_cache_headers(
        string method, string path, int status, string cacheControl, string? header = null, string? value = null)
    {
        var url = path == "{image}" ? await ImageFiles.UploadAsync(_client, ImageFiles.Png) : path;
        var body = (method, path) switch
        {
            ("POST", Records) => """{"name":"Mokka","price_nok":30,"category_id":1}""",
            ("POST" or "PATCH", _) => "{}",
            _ => null,
        };

        var answer = await _client.SendAsync(method, url, body, header is null ? [] : [(header, value!)]);

        Assert.Equal(status, answer.Status);
        Assert.Equal(cacheControl, answer.Header("Cache-Control"));
        // With and without an Origin: otherwise a cache would serve the answer to one request for the other.
        Assert.Equal("Origin", answer.Header("Vary"));
    }

    [Theory]
    [InlineData("http://localhost:5173")]
    [InlineData("http://evil.example")]
    [InlineData(null)]
    public async Task Image_varies_by_origin_for_every_request(string? origin)
    {
        var url = await ImageFiles.UploadAsync(_client, ImageFiles.Png);

        var answer = await _client.SendAsync("GET", url, json: null, origin is null ? [] : [("Origin", origin)]);

        Assert.Equal((200, "Origin"), (answer.Status, answer.Header("Vary")));
        Assert.Equal(origin == "http://localhost:5173" ? origin : null, answer.Header("Access-Control-Allow-Origin"));
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }
}
