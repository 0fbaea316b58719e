using System.Net.Sockets;
using System.Text;
using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Images.ImageFiles;

namespace Kaffediem.IntegrationTests.Images;

/// <summary><c>GET /uploads/{name}</c>.</summary>
public sealed class ServingTests : IAsyncDisposable
{
    private readonly KaffediemServer _server = KaffediemServer.Start(new ServerSetup
    {
        Settings = { ["Auth:Writes"] = "Open" },
        Environment = "Production",
    });

    private readonly RestClient _client;

    public ServingTests() => _client = _server.CreateClient();

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task Image_is_public_immutable_and_served_as_its_own_type_only(string method)
    {
        var url = await UploadAsync(_client, Png);
        using var stranger = _server.CreateClient();

        var answer = await stranger.SendAsync(method, url);

        Assert.Equal(200, answer.Status);
        Assert.Equal("image/png", answer.Header("Content-Type"));
        Assert.Equal($"{Png.Length}", answer.Header("Content-Length"));
        Assert.Equal("public, max-age=31536000, immutable", answer.Header("Cache-Control"));
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        Assert.Equal("cross-origin", answer.Header("Cross-Origin-Resource-Policy"));
        Assert.Equal("bytes", answer.Header("Accept-Ranges"));
        Assert.Equal($"\"{url.Split('/')[^1]}\"", answer.Header("ETag"));
        Assert.Null(answer.Header("Set-Cookie"));
    }

    [Fact]
    public async Task Image_that_the_client_has_is_answered_with_304()
    {
        var url = await UploadAsync(_client, Png);
        _client.Headers.Add("If-None-Match", $"\"{url.Split('/')[^1]}\"");

        var answer = await _client.GetAsync(url);

        Assert.Equal((304, ""), (answer.Status, answer.Text));
        Assert.Equal("public, max-age=31536000, immutable", answer.Header("Cache-Control"));
    }

    [Fact]
    public async Task Range_request_returns_a_part()
    {
        var url = await UploadAsync(_client, Gif);
        _client.Headers.Add("Range", "bytes=0-5");

        var answer = await _client.GetAsync(url);

        Assert.Equal((206, "GIF89a"), (answer.Status, answer.Text));
        Assert.Equal($"bytes 0-5/{Gif.Length}", answer.Header("Content-Range"));
    }

    /// <summary>Paths are sent as they are; a client library would normalize them.</summary>
    [Theory]
    [InlineData("/uploads")]
    [InlineData("/uploads/")]
    [InlineData("/uploads/0123456789abcdef0123456789abcdef.png")]
    [InlineData("/uploads/../kaffediem.db")]
    [InlineData("/uploads/..%2fkaffediem.db")]
    [InlineData("/uploads/%2e%2e/kaffediem.db")]
    [InlineData("/uploads/%2e%2e%2fkaffediem.db")]
    [InlineData("/uploads/..%5ckaffediem.db")]
    [InlineData("/uploads/%252e%252e%252fkaffediem.db")]
    [InlineData("/uploads/....//kaffediem.db")]
    [InlineData("/uploads//etc/passwd")]
    [InlineData("/uploads/%2fetc%2fpasswd")]
    [InlineData("/uploads/.")]
    [InlineData("/uploads/secret.txt")]
    [InlineData("/uploads/{name}%00")]
    [InlineData("/uploads/{name}%00.png")]
    [InlineData("/uploads/x/{name}")]
    [InlineData("/uploads/{upper}")]
    public async Task Nothing_else_is_served(string path)
    {
        var name = (await UploadAsync(_client, Png)).Split('/')[^1];
        await File.WriteAllTextAsync(Path.Join(Folder(_server), "secret.txt"), "SQLite format", CancellationToken);
        path = path.Replace("{name}", name).Replace("{upper}", name.ToUpperInvariant());

        var answer = await SendAsync(path);

        if (path.Contains("%00", StringComparison.Ordinal))
        {
            // Kestrel refuses such a path.
            Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
            return;
        }

        Assert.StartsWith("HTTP/1.1 404 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("""{"errors":{"detail":"Not Found"}}""", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Other_methods_than_reads_are_refused(string method)
    {
        var url = await UploadAsync(_client, Png);

        (await _client.SendAsync(method, url)).Is(405);

        Assert.Equal(Png, await ReadAsync(url));
    }

    [Fact]
    public async Task Request_without_a_host_gets_addresses_without_one()
    {
        await UploadAsync(_client, Png);

        var answer = await SendAsync("/api/collections/item/records", "HTTP/1.0", "");

        Assert.Contains("\"image\":\"/uploads/", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("http:///", answer, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private Task<string> SendAsync(string path) =>
        SendAsync(path, "HTTP/1.1", $"Host: {_server.BaseAddress.Authority}\r\n");

    private async Task<string> SendAsync(string path, string version, string host)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(_server.BaseAddress.Host, _server.BaseAddress.Port, CancellationToken);
        var request = $"GET {path} {version}\r\n{host}Connection: close\r\n\r\n";
        await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), CancellationToken);
        using var reader = new StreamReader(tcp.GetStream(), Encoding.Latin1);
        return await reader.ReadToEndAsync(CancellationToken);
    }
}
