using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.AspNetCore.Builder;

namespace Kaffediem.IntegrationTests.Protocol.Sockets;

/// <summary>
/// The pages from which browsers may connect: phoenix@167c469 test/phoenix/socket/transport_test.exs (check_origin/4),
/// websocket_socket_test.exs, long_poll_socket_test.exs and both channels tests, "refuses unallowed origins".
/// </summary>
public sealed class OriginTests
{
    public static TheoryData<string> Transports => ["websocket", "longpoll"];

    // "checks the origin of requests against allowed origins", "wildcard subdomains", "nested wildcard subdomains",
    // "subdomains do not match without a wildcard", "halts invalid URIs when check origin is configured".
    [Theory]
    [InlineData("//example.com", "http://example.com", true)]
    [InlineData("//example.com", "https://example.com", true)]
    [InlineData("//example.com", "https://example.com:8443", true)]
    [InlineData("//example.com", "capacitor://example.com", true)]
    [InlineData("//example.com", "http://EXAMPLE.com", true)]
    [InlineData("//Example.COM", "http://example.com", true)]
    [InlineData("//example.com", "http://example.com/", true)]
    [InlineData("//example.com", "http://notallowed.com", false)]
    [InlineData("//example.com", "http://org1.example.com", false)]
    [InlineData("//example.com", "http://notexample.com", false)]
    [InlineData("//example.com", "http://example.com.notallowed.com", false)]
    [InlineData("//example.com", "http://example.com@notallowed.com", false)]
    [InlineData("http://scheme.com", "http://scheme.com", true)]
    [InlineData("http://scheme.com", "http://scheme.com:80", true)]
    [InlineData("HTTP://scheme.com", "http://scheme.com", true)]
    [InlineData("http://scheme.com/", "http://scheme.com", true)]
    [InlineData("http://scheme.com", "https://scheme.com", false)]
    [InlineData("http://scheme.com", "http://scheme.com:8080", false)]
    [InlineData("https://scheme.com", "https://scheme.com:443", true)]
    [InlineData("https://scheme.com", "https://scheme.com:80", false)]
    [InlineData("https://scheme.com:8443", "https://scheme.com:8443", true)]
    [InlineData("https://scheme.com:8443", "https://scheme.com", false)]
    [InlineData("capacitor://localhost", "capacitor://localhost", true)]
    [InlineData("//port.com:81", "http://port.com:81", true)]
    [InlineData("//port.com:81", "https://port.com:81", true)]
    [InlineData("//port.com:81", "http://port.com:82", false)]
    [InlineData("//port.com:81", "http://port.com", false)]
    [InlineData("//[::1]:81", "http://[::1]:81", true)]
    [InlineData("//kafé.example", "https://xn--kaf-dma.example", true)] // as browsers write it
    [InlineData("//xn--kaf-dma.example", "https://xn--kaf-dma.example", true)]
    [InlineData("//*.ex.com", "http://org1.ex.com", true)]
    [InlineData("//*.ex.com", "https://a.b.ex.com:8443", true)]
    [InlineData("//*.ex.com", "https://ex.com", true)] // the apex, too
    [InlineData("//*.ex.com", "https://EX.com", true)]
    [InlineData("//*.ex.com", "https://notex.com", false)]
    [InlineData("//*.ex.com", "https://ex.com.notallowed.com", false)]
    [InlineData("https://*.ex.com", "https://org1.ex.com", true)]
    [InlineData("https://*.ex.com", "http://org1.ex.com", false)]
    [InlineData("https://*.ex.com", "https://org1.ex.com:8443", false)]
    [InlineData("https://*.ex.com:8443", "https://org1.ex.com:8443", true)]
    [InlineData("//*.foo.example.com", "http://org1.foo.example.com", true)]
    [InlineData("//*.foo.example.com", "http://org1.bar.example.com", false)]
    [InlineData("//*.foo.example.com", "http://example.com", false)]
    [InlineData("//example.com http://scheme.com //port.com:81", "https://port.com:81", true)]
    [InlineData("//example.com http://scheme.com //port.com:81", "https://scheme.com", false)]
    [InlineData("//kafé.example", "https://kafé.example", false)]
    [InlineData("//example.com", "//\u202e", false)] // and not a 500, although the framework's Uri throws
    [InlineData("//example.com", "null", false)]
    [InlineData("//example.com", "", false)]
    [InlineData("//example.com", "file://", false)]
    [InlineData("//example.com", "file:///example.com", false)]
    [InlineData("//example.com", "example.com", false)]
    [InlineData("//example.com", "about:blank", false)]
    [InlineData("//example.com", "http://example.com, http://example.com", false)]
    [InlineData("//example.com", "http://", false)]
    public async Task Origin_is_compared_with_the_list(string list, string origin, bool isAllowed)
    {
        await using var app = await StartAsync(OriginCheck.Allow(list.Split(' ')));

        await AssertAsync(app, isAllowed, ("Origin", origin));
    }

    // "checks origin against :conn": scheme, host and port must be those of the request.
    [Theory]
    [InlineData("shop.example", "http://shop.example", true)]
    [InlineData("shop.example:80", "http://shop.example", true)]
    [InlineData("shop.example", "http://shop.example:80", true)]
    [InlineData("shop.example:4000", "http://shop.example:4000", true)]
    [InlineData("SHOP.example", "http://shop.EXAMPLE", true)]
    [InlineData("[::1]:4000", "http://[::1]:4000", true)]
    [InlineData("[0:0:0:0:0:0:0:1]:4000", "http://[::1]:4000", true)]
    [InlineData("[2001:DB8::0:1]", "http://[2001:db8::1]:80", true)]
    [InlineData("my_shop:4000", "http://my_shop:4000", true)]
    [InlineData("xn--kaf-dma.example", "http://xn--kaf-dma.example", true)]
    [InlineData("shop.example", "https://shop.example", false)]
    [InlineData("shop.example:4000", "http://shop.example", false)]
    [InlineData("shop.example:4000", "http://shop.example:5173", false)]
    [InlineData("shop.example", "http://www.shop.example", false)]
    [InlineData("shop.example", "http://evil.example", false)]
    [InlineData("shop.example", "null", false)]
    [InlineData("shop.example", "file://", false)]
    public async Task Only_pages_of_the_same_origin_may_connect_by_default(string host, string origin, bool isAllowed)
    {
        await using var app = await StartAsync(null);

        await AssertAsync(app, isAllowed, ("Host", host), ("Origin", origin));
    }

    [Theory] // found by fuzzing: the answer was a 500, since the framework cannot build a URL with such a host
    [InlineData(".&")]
    [InlineData("1..")]
    [InlineData("shop..example")]
    [InlineData("a..b&")]
    public async Task Malformed_host_is_refused(string host)
    {
        await using var app = await StartAsync(null);

        using var socket = await FrameClient.ConnectAsync(app.Address, "/socket/websocket", "GET", ("Host", host));
        using var poll = await FrameClient.ConnectAsync(app.Address, "/socket/longpoll", "GET", ("Host", host));

        Assert.Equal((403, 200), (socket.Status, poll.Status));
        Assert.Equal(
            """{"status":403,"reason":"The Host header is missing or malformed."}""", await poll.ReadBodyAsync());
    }

    // The scheme of forwarded headers where a proxy ends TLS; some proxies forward upgrade requests as wss.
    [Theory]
    [InlineData("https", "https://shop.example", true)]
    [InlineData("https", "http://shop.example", false)]
    [InlineData("HTTPS", "https://shop.example", true)]
    [InlineData("wss", "https://shop.example", true)]
    [InlineData("wss", "http://shop.example", false)]
    [InlineData("ws", "http://shop.example", true)]
    [InlineData("ws", "https://shop.example", false)]
    public async Task Same_origin_has_the_scheme_of_the_request(
        string scheme, string origin, bool isAllowed)
    {
        await using var app = await StartAsync(OriginCheck.SameOrigin, app => app.Use((context, next) =>
        {
            context.Request.Scheme = scheme;
            return next(context);
        }));

        await AssertAsync(app, isAllowed, ("Host", "shop.example"), ("Origin", origin));
    }

    [Theory]
    [InlineData("http://shop.example", true)]
    [InlineData("http://front.example:5173", true)]
    [InlineData("http://front.example", false)]
    public async Task List_can_be_combined_with_the_same_origin(string origin, bool isAllowed)
    {
        await using var app = await StartAsync(OriginCheck.Allow("http://front.example:5173").OrSameOrigin());

        await AssertAsync(app, isAllowed, ("Host", "shop.example"), ("Origin", origin));
    }

    // "does not check origin if disabled", "does not halt invalid URIs when check_origin is disabled"
    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("file://")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("/")]
    public async Task Any_origin_may_connect_when_the_check_is_off(string origin)
    {
        await using var app = await StartAsync(OriginCheck.Off);

        await AssertAsync(app, isAllowed: true, ("Origin", origin));
    }

    // Programs other than browsers send no origin.
    [Fact]
    public async Task Every_client_without_an_origin_may_connect()
    {
        foreach (var check in new[] { OriginCheck.SameOrigin, OriginCheck.Allow("//example.com"), OriginCheck.Allow() })
        {
            await using var app = await StartAsync(check);
            await AssertAsync(app, isAllowed: true);
        }
    }

    [Fact]
    public async Task Two_origins_are_refused_even_if_both_are_allowed()
    {
        await using var app = await StartAsync(OriginCheck.Allow("//example.com"));

        using var attempt = await ConnectAttempt.MakeAsync(
            app, "websocket", "vsn=2.0.0", "/socket", ("Origin", "http://example.com\r\nOrigin: http://example.com"));

        Assert.Equal(403, attempt.Status);
    }

    // "does not share the origin policy between mounts of the same handler"
    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Two_mounts_of_one_socket_have_separate_policies(string transport)
    {
        await using var app = await StartAsync(
            OriginCheck.Allow("//a.example"), app => app.MapPhoenixSocket<TestSocket>(
            "/other", options => options.CheckOrigin = OriginCheck.Allow("//b.example")));

        foreach (var (mount, origin, isAllowed) in new[]
        {
            ("/socket", "http://a.example", true),
            ("/other", "http://a.example", false),
            ("/other", "http://b.example", true),
            ("/socket", "http://b.example", false),
        })
        {
            using var attempt = await ConnectAttempt.MakeAsync(app, transport, "vsn=2.0.0", mount, ("Origin", origin));
            Assert.Equal(isAllowed, attempt.IsLetIn);
        }
    }

    // transport.ex: the check comes before that of the method (long_poll.ex, call/2).
    [Theory]
    [InlineData("POST")]
    [InlineData("OPTIONS")]
    [InlineData("DELETE")]
    public async Task Long_poll_checks_the_origin_for_every_method(string method)
    {
        await using var app = await StartAsync(OriginCheck.Allow("//example.com"));

        using var answer = await ConnectAttempt.SendAsync(
            app, method, "/socket/longpoll?vsn=2.0.0", null, ("Origin", "http://evil.example"));

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal(
            """{"status":403,"reason":"The origin http://evil.example is not allowed: add it to CheckOrigin."}""",
            await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("example.com")]
    [InlineData("//")]
    [InlineData("https://")]
    [InlineData("*")]
    [InlineData("//*")]
    [InlineData("//*.")]
    [InlineData("//a.*.example")]
    [InlineData("//*.*.example")]
    [InlineData("https://example.com/page")]
    [InlineData("https://example.com?x")]
    [InlineData("https://example.com#x")]
    [InlineData("https://me@example.com")]
    [InlineData("null")]
    [InlineData("file:///")]
    public void Malformed_origin_cannot_be_allowed(string origin)
    {
        var exception = Assert.Throws<ArgumentException>(() => OriginCheck.Allow("https://good.example", origin));

        Assert.StartsWith(
            $"'{origin}' is not an origin such as https://shop.example", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://evil.example", "add it to the setting Cors:Origins.")]
    [InlineData("null", "only origins such as https://shop.example can be, by the setting Cors:Origins.")]
    public async Task Refusal_names_the_origin_and_the_setting(string origin, string advice)
    {
        var reason = $"The origin {origin} is not allowed: {advice}";
        await using var app = await StartAsync(OriginCheck.Allow("//example.com").Naming("the setting Cors:Origins"));

        using var socket = await FrameClient.ConnectAsync(app.Address, headers: ("Origin", origin));
        using var poll = await ConnectAttempt.MakeAsync(app, "longpoll", headers: ("Origin", origin));

        Assert.Equal(403, socket.Status);
        Assert.Equal(reason, await socket.ReadBodyAsync());
        Assert.Equal($$"""{"status":403,"reason":"{{reason}}"}""", poll.Body);
    }

    // RFC 6454 §4, §5.
    [Theory]
    [InlineData("https://shop.example", "https://shop.example:443", "HTTPS://SHOP.Example", "https://shop.example:")]
    [InlineData("http://shop.example", "http://shop.example:80", "http://Shop.example:080")]
    [InlineData("http://shop.example:443", "http://SHOP.example:443")]
    [InlineData("https://xn--kaff-epa.example", "https://kaff\u00e9.example", "https://KAFF\u00c9.example")]
    [InlineData("https://xn--kaff-epa.example", "https://XN--KAFF-EPA.example")]
    [InlineData("http://[::1]:5173", "http://[0:0:0:0:0:0:0:1]:5173", "http://[0000::0001]:5173")]
    [InlineData("http://[2001:db8::a]", "http://[2001:DB8:0:0:0:0:0:A]:80")]
    [InlineData("capacitor://localhost", "capacitor://localhost", "Capacitor://LOCALHOST")]
    [InlineData("http://my_shop:8080", "http://my_shop:8080")]
    public void Every_spelling_of_an_origin_is_the_same_origin(string canonical, params string[] spellings)
    {
        Assert.All(spellings, spelling => Assert.Equal(canonical, Origin.Parse(spelling).ToString()));
        Assert.All(spellings, spelling => Assert.Equal(Origin.Parse(canonical), Origin.Parse(spelling)));
    }

    [Theory]
    [InlineData("", "it must begin with a scheme")]
    [InlineData("shop.example", "it must begin with a scheme")]
    [InlineData("//shop.example", "it must begin with a scheme")]
    [InlineData("1http://shop.example", "it must begin with a scheme")]
    [InlineData("file://", "it has no host")]
    [InlineData("file:///x", "it has no host")]
    [InlineData("https://:443", "it has no host")]
    [InlineData("https://me@shop.example", "it must not contain a user")]
    [InlineData("https://me:secret@shop.example", "it must not contain a user")]
    [InlineData("https://shop.example/", "nothing may follow")]
    [InlineData("https://shop.example/page", "nothing may follow")]
    [InlineData("https://shop.example?x", "nothing may follow")]
    [InlineData("https://shop.example#x", "nothing may follow")]
    [InlineData("https://*.shop.example", "without a wildcard")]
    [InlineData("https://*", "without a wildcard")]
    [InlineData("https://shop.example:0", "its port is not")]
    [InlineData("https://shop.example:65536", "its port is not")]
    [InlineData("https://shop.example:x", "its port is not")]
    [InlineData("https://shop.example:-1", "its port is not")]
    [InlineData("https://[::1", "its host is malformed")]
    [InlineData("https://[::1%25eth0]", "its host is malformed")]
    [InlineData("https://[127.0.0.1]", "its host is malformed")]
    [InlineData("https://[::1]x", "its port is not")]
    [InlineData("https://shop example", "its host is malformed")]
    [InlineData("https://sho%70.example", "its host is malformed")]
    [InlineData("https://caf\u00e9..example", "its host is malformed")]
    public void Malformed_origin_is_refused_with_the_fault(string text, string fault)
    {
        Assert.False(Origin.TryParse(text, out _));
        var refused = Assert.Throws<FormatException>(() => Origin.Parse(text));
        Assert.StartsWith(
            $"'{text}' is not an origin such as https://shop.example: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
    }

    private static Task<PhoenixApp> StartAsync(OriginCheck? check, Action<WebApplication>? configureApp = null) =>
        PhoenixApp.StartAsync(
            configureSocket: options => options.CheckOrigin = check ?? options.CheckOrigin, configureApp: configureApp);

    private static async Task AssertAsync(PhoenixApp app, bool isAllowed, params (string Name, string? Value)[] headers)
    {
        using var attempt = await ConnectAttempt.MakeAsync(app, "websocket", "vsn=2.0.0", "/socket", headers);
        using var poll = await ConnectAttempt.MakeAsync(app, "longpoll", "vsn=2.0.0", "/socket", headers);

        Assert.Equal(isAllowed ? 101 : 403, attempt.Status);
        Assert.Equal(isAllowed ? 410 : 403, poll.Status);
        Assert.Equal(200, poll.HttpStatus);
        Assert.Equal(isAllowed ? 2 : 0, app.State.Connects.Count); // ConnectAsync does not even run
    }
}
