using System.Net.Http.Headers;
using System.Text;
using Kaffediem.IntegrationTests.Images;
using Kaffediem.IntegrationTests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Pipeline;

/// <summary>Headers that restrict what browsers do with an answer, on every answer of every endpoint.</summary>
public sealed class SecurityHeaderTests : IAsyncDisposable
{
    private const string Records = "/api/collections/item/records";

    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly HttpClient _http;

    public SecurityHeaderTests() => _http = new HttpClient { BaseAddress = _server.BaseAddress };

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_endpoint_answers_with_the_headers()
    {
        var source = _server.Services.GetRequiredService<EndpointDataSource>();
        var endpoints = source.Endpoints.OfType<RouteEndpoint>().ToList();
        foreach (var endpoint in endpoints)
        {
            // A WebSocket endpoint declares no methods.
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"])
            {
                var pattern = $"/{endpoint.RoutePattern.RawText!.TrimStart('/')}";
                var path = pattern.Replace("{id}", "1").Replace("{name}", "x");
                await AssertHeadersAsync(method, path == "/api/events" ? path + "?collections=order,menu" : path);
            }
        }

        Assert.True(endpoints.Count > 30, $"There are only {endpoints.Count} endpoints.");
    }

    [Theory]
    [InlineData("GET", Records, 304, "If-None-Match", "*")]
    [InlineData("GET", Records + "?page=x", 400)]
    [InlineData("GET", Records, 400, "Host", "xn--")]
    [InlineData("POST", Records, 403, "Origin", "http://evil.example")]
    [InlineData("GET", "/nope", 404)]
    [InlineData("DELETE", Records, 405)]
    [InlineData("PATCH", Records + "/1", 412, "If-Match", "\"x\"")]
    [InlineData("POST", "/api/session", 413)]
    [InlineData("POST", Records, 415, "Content-Encoding", "gzip")]
    [InlineData("POST", Records, 422)]
    [InlineData("OPTIONS", Records, 204, "Access-Control-Request-Method", "PATCH")]
    [InlineData("GET", "/socket/longpoll", 403, "Origin", "http://evil.example")]
    [InlineData("GET", "/socket/websocket", 400)]
    [InlineData("GET", "/api/events", 400)]
    [InlineData("HEAD", "/", 200)]
    public async Task Every_kind_of_answer_has_the_headers(
        string method, string path, int status, string? header = null, string? value = null)
    {
        var body = path == "/api/session" ? new string(' ', 300_000) : "{}";
        using var content =
            method is "POST" or "PATCH" ? new StringContent(body, Encoding.UTF8, "application/json") : null;

        var answer = await AssertHeadersAsync(
            method, path, content, [(header, value), ("Origin", "http://localhost:5173")]);

        // phoenix.js reads the status from the body of a 200.
        Assert.Equal(path == "/socket/longpoll" ? 200 : status, answer);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(206, "Range", "bytes=0-1")]
    [InlineData(304, "If-None-Match", "*")]
    [InlineData(416, "Range", "bytes=1000000-")]
    public async Task Images_have_the_headers_and_pages_of_other_origins_may_show_them(
        int status, string? header = null, string? value = null)
    {
        using var client = _server.CreateClient();
        var url = await ImageFiles.UploadAsync(client, ImageFiles.Png);

        var answer = await AssertHeadersAsync("GET", url, headers: [(header, value)]);

        Assert.Equal(status, answer);
        Assert.Equal("cross-origin", (await client.GetAsync(url)).Header("Cross-Origin-Resource-Policy"));
        Assert.Null((await client.GetAsync(Records)).Header("Cross-Origin-Resource-Policy"));
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return _server.DisposeAsync();
    }

    private async Task<int> AssertHeadersAsync(
        string method, string path, HttpContent? content = null, params (string? Name, string? Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        var named = headers.Where(header => header.Name is not null).DistinctBy(header => header.Name);
        foreach (var (name, value) in named)
        {
            if (!request.Headers.TryAddWithoutValidation(name!, value))
            {
                content!.Headers.TryAddWithoutValidation(name!, value);
            }
        }

        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, CancellationToken);

        var what = $"{method} {path}: {(int)answer.StatusCode}";
        Assert.Equal($"{what} nosniff", $"{what} {Value(answer.Headers, "X-Content-Type-Options")}");
        Assert.Equal($"{what} DENY", $"{what} {Value(answer.Headers, "X-Frame-Options")}");
        Assert.Equal($"{what} no-referrer", $"{what} {Value(answer.Headers, "Referrer-Policy")}");
        Assert.Equal(
            $"{what} default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            $"{what} {Value(answer.Headers, "Content-Security-Policy")}");
        return (int)answer.StatusCode;
    }

    private static string? Value(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? string.Join(" and ", values) : null;
}
