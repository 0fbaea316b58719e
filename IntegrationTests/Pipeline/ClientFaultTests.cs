using System.Text;
using Kaffediem.IntegrationTests.Rest.Fuzz;
using Kaffediem.IntegrationTests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Pipeline;

/// <summary>
/// Faults of the client at which the framework throws: a malformed <c>Host</c> (RFC 9110 §7.2) at every endpoint, a
/// charset that .NET refuses to use, a header that cannot be sent back.
/// </summary>
public sealed class ClientFaultTests
{
    private static readonly string[] Malformed =
        [".&", "xn--", "shop.xn--", "xn--0:80", "a..b.", "a,b", "&", "[::1]:x", "a:99999"];

    private static readonly string[] WellFormed =
    [
        "", "localhost", "localhost:4000", "LOCALHOST", "shop.example.", "kaffe_upstream", "127.0.0.1:80", "[::1]:4000",
        "xn--kaff-epa.no",
    ];

    [Fact]
    public async Task Every_endpoint_refuses_a_malformed_host_without_a_log_line()
    {
        await using var server = KaffediemServer.Start();
        foreach (var path in FindPaths(server))
        {
            foreach (var host in Malformed)
            {
                Assert.Equal((path, host, 400), (path, host, await GetAsync(server, path, $"Host: {host}")));
            }
        }
    }

    // RFC 9110 §9.3.6: CONNECT asks for a tunnel. Only a WebSocket over HTTP/2 begins with it (RFC 8441).
    [Fact]
    public async Task Every_endpoint_refuses_CONNECT()
    {
        await using var server = KaffediemServer.Start();
        foreach (var path in FindPaths(server))
        {
            foreach (var origin in new[] { "http://localhost:5173", "http://evil.example" })
            {
                var status = await SendAsync(server, "CONNECT", path, $"Host: localhost\r\nOrigin: {origin}");
                Assert.True(status is >= 400 and < 500, $"{path}: {status}");
            }
        }
    }

    [Fact]
    public async Task Well_formed_host_is_accepted()
    {
        await using var server = KaffediemServer.Start();
        foreach (var host in WellFormed)
        {
            Assert.Equal((host, 200), (host, await GetAsync(server, "/api/collections/item/records", $"Host: {host}")));
        }
    }

    // In HTTP/2 the host is the pseudo-header :authority (RFC 9113 §8.3.1). Kestrel itself resets some such streams.
    [Fact]
    public async Task Malformed_pseudo_header_of_HTTP_2_is_refused_too()
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Settings = { ["Kestrel:EndpointDefaults:Protocols"] = "Http2" },
        });
        foreach (var path in new[] { "/", "/api/events", "/socket/longpoll", "/api/collections/item/records/1" })
        {
            foreach (var host in Malformed)
            {
                var status = await GetOverHttp2Async(server, host, path);
                Assert.True(status is 0 or 400, $"{path} of {host}: {status}");
            }
        }

        foreach (var path in new[] { "", "*", "x", "/%", "/%00", "//", "/../..", "/\u00ff", "/?%zz", "http://xn--/" })
        {
            var status = await GetOverHttp2Async(server, "localhost", path);
            Assert.True(status is 0 or 200 or 400 or 404, $"{path}: {status}");
        }

        Assert.Equal(200, await GetOverHttp2Async(server, "localhost", "/"));
    }

    // nginx passes the client's Host on in X-Forwarded-Host.
    [Theory]
    [InlineData("127.0.0.1", 400)]
    [InlineData("", 200)] // the server does not read the header
    public async Task Malformed_forwarded_host_is_refused_from_a_known_proxy(string proxies, int status)
    {
        await using var server = KaffediemServer.Start(new ServerSetup { Settings = { ["Proxies"] = proxies } });
        foreach (var host in Malformed.Where(host => !host.Contains(',')))
        {
            var answer = await GetAsync(server, "/", $"Host: localhost\r\nX-Forwarded-Host: shop.example, {host}");
            Assert.Equal((host, status), (host, answer));
        }

        Assert.Equal(200, await GetAsync(server, "/", "Host: localhost\r\nX-Forwarded-Host: shop.example, inner:80"));
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded; charset=utf-7", "name=x", 400)]
    [InlineData("application/x-www-form-urlencoded; charset=utf-8", "name=x", 422)]
    [InlineData("application/x-www-form-urlencoded; charset=utf8", "name=x", 422)]
    [InlineData("multipart/form-data; boundary=b", "name=\"name\"\r\nContent-Type: text/plain; charset=utf-7", 400)]
    [InlineData("multipart/form-data; boundary=b", "name=\"name\"; filename*=utf-7''x", 400)]
    [InlineData("multipart/form-data; boundary=b", "name=\"=?utf-7?B?eA==?=\"", 400)]
    [InlineData("multipart/form-data; boundary=b", "name=\"name\"\r\nContent-Type: text/plain; charset=utf-8", 422)]
    public async Task UTF_7_is_refused_in_every_header_that_names_it(string type, string body, int status)
    {
        body = type.StartsWith("multipart", StringComparison.Ordinal)
            ? $"--b\r\nContent-Disposition: form-data; {body}\r\n\r\nx\r\n--b--\r\n"
            : body;
        await using var server = KaffediemServer.Start();
        using var client = server.CreateClient();
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        (await client.SendAsync("POST", "/api/collections/item/records", content)).Is(status);
    }

    [Fact]
    public async Task Preflight_that_names_an_invalid_header_is_refused()
    {
        await using var server = KaffediemServer.Start();
        const string preflight = "Host: localhost\r\nOrigin: http://localhost:5173\r\n"
            + "Access-Control-Request-Method: PATCH\r\nAccess-Control-Request-Headers: ";

        Assert.Equal(204, await SendAsync(server, "OPTIONS", "/", preflight + "content-type,baggage"));
        Assert.Equal(400, await SendAsync(server, "OPTIONS", "/", preflight + "\u00c3\u00a6"));
    }

    private static List<string> FindPaths(KaffediemServer server) =>
    [
        .. server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))
            .Select(path => path.Replace("{id}", "1").Replace("{name}", "x"))
            .Distinct(),
    ];

    private static Task<int> GetOverHttp2Async(KaffediemServer server, string host, string path) => Http2Wire.SendAsync(
        server.BaseAddress, (":method", "GET"), (":scheme", "http"), (":path", path), (":authority", host));

    private static Task<int> GetAsync(KaffediemServer server, string path, string headers) =>
        SendAsync(server, "GET", path, headers);

    private static Task<int> SendAsync(KaffediemServer server, string method, string path, string headers) =>
        HostileWire.SendAsync(
            server.BaseAddress,
            Encoding.Latin1.GetBytes($"{method} {path} HTTP/1.1\r\n{headers}\r\n\r\n"),
            mayBeIncomplete: false);
}
