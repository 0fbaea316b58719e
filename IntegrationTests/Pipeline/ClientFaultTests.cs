using System.Buffers.Binary;
using System.Text;
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
        RawConnection.AskStatusAsync(
            server.BaseAddress,
            Encoding.Latin1.GetBytes($"{method} {path} HTTP/1.1\r\n{headers}\r\n\r\n"),
            mayBeIncomplete: false);
}

/// <summary>
/// One request over HTTP/2 without TLS, with pseudo-headers as they are given.
/// <code>
/// frame = length (3 bytes) type (1) flags (1) stream (4) payload          RFC 9113 §4.1
/// field = %x00 length name length value, not indexed and not compressed   RFC 7541 §6.2.2
/// </code>
/// </summary>
internal static class Http2Wire
{
    private const byte HeadersFrame = 1;
    private const byte ResetFrame = 3;
    private const byte SettingsFrame = 4;
    private const byte GoAwayFrame = 7;
    private const byte EndOfStreamAndHeaders = 0x5;

    // RFC 7541 appendix A: an index of the static table, with the bit of an indexed field.
    private static readonly Dictionary<int, int> Statuses =
        new() { [0x88] = 200, [0x89] = 204, [0x8A] = 206, [0x8B] = 304, [0x8C] = 400, [0x8D] = 404, [0x8E] = 500 };

    /// <summary>The status; 0 if the stream or the connection is refused, -1 for a status without an index.</summary>
    public static async Task<int> SendAsync(Uri server, params (string Name, string Value)[] fields)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        using var connection = await RawConnection.ConnectAsync(server);
        byte[] head = [.. fields.SelectMany(field => (byte[])[0, .. Text(field.Name), .. Text(field.Value)])];
        await connection.Stream.WriteAsync(
            (byte[])[
                .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8,
                .. Frame(SettingsFrame, flags: 0, stream: 0, []),
                .. Frame(HeadersFrame, EndOfStreamAndHeaders, stream: 1, head),
            ],
            patience.Token);
        return await ReadStatusAsync(connection.Stream, patience.Token);
    }

    private static async Task<int> ReadStatusAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[9];
        while (true)
        {
            await stream.ReadExactlyAsync(head, cancellationToken);
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >> 8];
            await stream.ReadExactlyAsync(payload, cancellationToken);
            switch (head[3])
            {
                case HeadersFrame:
                    // Changes of the table's size (§6.3) may come first.
                    var status = payload.FirstOrDefault(octet => octet is < 0x20 or >= 0x40);
                    return Statuses.GetValueOrDefault(status, -1);
                case ResetFrame or GoAwayFrame:
                    return 0;
            }
        }
    }

    private static byte[] Text(string text) => [(byte)text.Length, .. Encoding.Latin1.GetBytes(text)];

    private static byte[] Frame(byte type, byte flags, byte stream, byte[] payload) =>
        [0, (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, stream, .. payload];
}
