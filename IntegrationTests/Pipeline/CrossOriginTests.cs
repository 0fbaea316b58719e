using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Pipeline;

/// <summary>Pages of other origins: the front end's pages may do everything, others may not write.</summary>
public sealed class CrossOriginTests : IAsyncDisposable
{
    private const string FrontEnd = "http://localhost:5173";
    private const string Orders = "/api/collections/order/records";

    private readonly KaffediemServer _server = KaffediemServer.Start(new ServerSetup
    {
        ConfigureServices = services => services.AddSingleton<IStartupFilter, FailingEndpoint>(),
    });

    private readonly RestClient _client;

    public CrossOriginTests() => _client = _server.CreateClient();

    [Theory]
    [InlineData("GET", Orders, null, 200)]
    [InlineData("GET", Orders + "/999", null, 404)]
    [InlineData("GET", "/nope", null, 404)]
    [InlineData("GET", Orders + "/x", null, 400)]
    [InlineData("POST", Orders, "{", 400)]
    [InlineData("POST", Orders, "{}", 422)]
    [InlineData("POST", Orders, """{"items":[{"item":1}]}""", 201)]
    [InlineData("DELETE", Orders + "/1", null, 204)]
    [InlineData("POST", "/api/session", """{"email":"no@x.y","password":"x"}""", 401)]
    [InlineData("DELETE", Orders, null, 405)]
    [InlineData("GET", "/fail", null, 500)]
    public async Task Every_answer_to_an_allowed_page_has_the_CORS_headers(
        string method, string path, string? body, int status)
    {
        _server.Logs.Expect("a secret");
        using var content = body is null
            ? null
            : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        _client.Headers.Add("Origin", FrontEnd);

        var answer = await _client.SendAsync(method, path, content);

        answer.Is(status);
        AssertAllows(FrontEnd, answer);
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData("customer@kaffediem.test", 403)]
    public async Task Write_without_the_right_is_refused_with_the_CORS_headers(string? email, int status)
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            Settings = { ["Auth:Writes"] = "Protected", ["Cors:Origins"] = FrontEnd },
        });
        using var client = server.CreateClient();
        client.Headers.Add("Origin", FrontEnd);
        if (email is not null)
        {
            var hash = BCrypt.Net.BCrypt.HashPassword("a password", 4);
            var users = server.Services.GetRequiredService<UserStore>();
            await users.CreateAsync(email, "Guest", hash, isAdmin: false, TestContext.Current.CancellationToken);
            (await client.SignInAsync(email, "a password")).Is(200);
        }

        var answer = await client.DeleteAsync(Orders + "/1");

        answer.Is(status);
        AssertAllows(FrontEnd, answer);
    }

    [Fact]
    public async Task Unexpected_exception_is_answered_without_its_text()
    {
        _server.Logs.Expect("a secret");

        (await _client.GetAsync("/fail")).Is(500, """{"errors":{"detail":"Internal Server Error"}}""");
    }

    [Theory]
    [InlineData("POST", Orders)]
    [InlineData("PATCH", Orders + "/1")]
    [InlineData("DELETE", Orders + "/1")]
    [InlineData("DELETE", "/api/session")]
    public async Task Preflight_is_answered(string method, string path)
    {
        var answer = await PreflightAsync(FrontEnd, method, path);

        Assert.Equal((204, ""), (answer.Status, answer.Text));
        AssertAllows(FrontEnd, answer);
        Assert.Equal("GET,POST,PUT,PATCH,DELETE,OPTIONS", answer.Header("Access-Control-Allow-Methods"));
        Assert.Equal("content-type", answer.Header("Access-Control-Allow-Headers"));
        Assert.Equal("1728000", answer.Header("Access-Control-Max-Age"));
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("http://localhost:5174")]
    [InlineData("https://localhost:5173")]
    [InlineData("http://localhost:5173.evil.example")]
    [InlineData("null")]
    public async Task Other_pages_get_no_headers_and_may_not_write(string origin)
    {
        var preflight = await PreflightAsync(origin, "POST", Orders);
        _client.Headers.Add("Origin", origin);
        var read = await _client.GetAsync(Orders);
        using var form = new FormUrlEncodedContent([new("title", "Overtatt")]);
        var write = await _client.SendAsync("POST", "/api/collections/message/records", form);

        Assert.Null(preflight.Header("Access-Control-Allow-Origin"));
        Assert.Null(read.Header("Access-Control-Allow-Origin"));
        write.Is(403);
        Assert.Null(write.Header("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("POST", "/api/collections/item/records", "multipart")]
    [InlineData("PATCH", "/api/collections/item/records/1", "multipart")]
    [InlineData("POST", "/api/session", "form")]
    [InlineData("DELETE", "/api/collections/message/records/1", null)]
    [InlineData("DELETE", "/api/session", null)]
    [InlineData("PUT", "/api/collections/item/records/1", "text")]
    [InlineData("POST", "/nope", null)]
    public async Task Every_kind_of_write_checks_the_origin(string method, string path, string? body)
    {
        _client.Headers.Add("Cookie", (await SignInAsync()).Split(';')[0]);
        foreach (var (header, value) in new[]
        {
            ("Origin", "http://evil.example"), ("Origin", "null"), ("Origin", ""), ("Sec-Fetch-Site", "cross-site"),
        })
        {
            _client.Headers.TryAddWithoutValidation(header, value);
            using var content = Body(body);

            (await _client.SendAsync(method, path, content)).Is(403);
            _client.Headers.Remove(header);
        }

        (await _client.GetAsync("/api/session")).Is(200);
    }

    [Fact]
    public async Task Second_origin_that_is_not_allowed_is_refused()
    {
        _client.Headers.Add("Origin", [FrontEnd, "http://evil.example"]);

        (await _client.PostAsync(Orders, """{"items":[{"item":1}]}""")).Is(403);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("Sec-Fetch-Site", "none")]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    public async Task Request_from_no_foreign_page_needs_no_origin(string? header, string? value)
    {
        if (header is not null)
        {
            _client.Headers.Add(header, value);
        }

        (await _client.PostAsync(Orders, """{"items":[{"item":1}]}""")).Is(201);
    }

    [Fact]
    public async Task Front_end_on_another_site_may_write()
    {
        _client.Headers.Add("Origin", FrontEnd);
        _client.Headers.Add("Sec-Fetch-Site", "cross-site");

        (await _client.PostAsync(Orders, """{"items":[{"item":1}]}""")).Is(201);
    }

    [Fact]
    public async Task Page_of_the_server_itself_may_write()
    {
        _client.Headers.Add("Origin", _server.BaseAddress.GetLeftPart(UriPartial.Authority));

        (await _client.PostAsync(Orders, """{"items":[{"item":1}]}""")).Is(201);
    }

    [Theory]
    [InlineData("evil.example:4000", "http://evil.example:4000", 403)]
    [InlineData("localhost:4000", "http://localhost:4000", 201)]
    [InlineData("evil.example:4000", null, 201)] // not a browser
    [InlineData("evil.example:4000", FrontEnd, 201)]
    public async Task Page_whose_name_was_made_to_point_here_may_not_write_in_Development(
        string host, string? origin, int status)
    {
        _client.Headers.Host = host;
        if (origin is not null)
        {
            _client.Headers.Add("Origin", origin);
        }

        (await _client.PostAsync(Orders, """{"items":[{"item":1}]}""")).Is(status);
    }

    // Error trackers add these headers to the requests of a page (W3C Trace Context, Baggage; Sentry).
    [Fact]
    public async Task Preflight_allows_every_header_that_an_allowed_page_asks_for()
    {
        const string headers = "baggage,content-type,sentry-trace,traceparent,tracestate,x-b3-traceid";

        var allowed = await PreflightAsync(FrontEnd, "POST", Orders, headers);
        var foreign = await PreflightAsync("http://evil.example", "POST", Orders, headers);

        Assert.Equal((204, headers), (allowed.Status, allowed.Header("Access-Control-Allow-Headers")));
        Assert.Equal("true", allowed.Header("Access-Control-Allow-Credentials"));
        Assert.Null(foreign.Header("Access-Control-Allow-Headers"));
    }

    [Theory]
    [InlineData(
        "http://localhost:3000",
        "The origin http://localhost:3000 is not allowed: add it to the setting Cors:Origins.")]
    [InlineData(
        "null",
        "The origin null is not allowed: only origins such as https://shop.example can be, by the setting "
            + "Cors:Origins.")]
    [InlineData(null, "A page of another site has to send its Origin header.")]
    public async Task Refusal_names_the_origin_and_the_setting(string? origin, string detail)
    {
        var header = origin is null ? ("Sec-Fetch-Site", "cross-site") : ("Origin", origin);

        var write = await _client.SendAsync("POST", Orders, """{"items":[{"item":1}]}""", header);

        write.Is(403, $$$"""{"errors":{"detail":"{{{detail}}}"}}""");
        if (origin is not null)
        {
            var stream = await _client.SendAsync("GET", "/api/events?collections=order", json: null, header);
            stream.Is(403, $$$"""{"errors":{"detail":"{{{detail}}}"}}""");
        }
    }

    // The same result for a socket, an event stream, a write and CORS.
    [Theory]
    [InlineData("https://kaff\u00e9.example", "http://x", "https://xn--kaff-epa.example", true)]
    [InlineData("https://xn--kaff-epa.example", "http://x", "https://xn--kaff-epa.example", true)]
    [InlineData("https://Shop.Example:443", "http://x", "https://shop.example", true)]
    [InlineData("http://[0:0:0:0:0:0:0:1]:5173", "http://x", "http://[::1]:5173", true)]
    [InlineData("http://[::1]:5173", "http://x", "http://[::1]:5174", false)]
    [InlineData("", "https://shop.example:443", "https://shop.example", true)]
    [InlineData("", "http://shop.example:80", "http://shop.example", true)]
    [InlineData("", "http://SHOP.example", "http://shop.example", true)]
    [InlineData("", "http://[0:0::1]:4000", "http://[::1]:4000", true)]
    [InlineData("", "https://xn--kaff-epa.example", "https://xn--kaff-epa.example", true)]
    [InlineData("", "http://shop.example:443", "https://shop.example", false)]
    public async Task Every_endpoint_compares_origins_alike(string setting, string own, string origin, bool isAllowed)
    {
        var scheme = own.Split("://")[0];
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            Settings = { ["Cors:Origins"] = setting, ["Auth:Writes"] = "Open" },
            ConfigureServices = services => services
                .AddSingleton<IStartupFilter>(new Pretend(context => context.Request.Scheme = scheme)),
        });
        using var client = server.CreateClient();
        client.Headers.Add("Origin", origin);
        client.Headers.Host = own.Split("://")[1];

        using var socket = await FrameClient.ConnectAsync(
            server.BaseAddress, headers: [("Host", client.Headers.Host), ("Origin", origin)]);
        var stream = await client.SendAsync("HEAD", "/api/events?collections=order");
        var write = await client.PostAsync(Orders, """{"items":[{"item":1}]}""");
        var poll = await client.GetAsync("/socket/longpoll?vsn=2.0.0");

        Assert.Equal(isAllowed ? (101, 200, 201) : (403, 403, 403), (socket.Status, stream.Status, write.Status));
        Assert.Equal(isAllowed ? 410 : 403, poll.Json.GetProperty("status").GetInt32());
        Assert.Equal(isAllowed && setting.Length > 0 ? origin : null, write.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Production_allows_no_origin_unless_it_is_set()
    {
        await using var server = KaffediemServer.Start(new ServerSetup { Environment = "Production" });
        using var client = server.CreateClient();
        client.Headers.Add("Origin", FrontEnd);

        Assert.Null((await client.GetAsync(Orders)).Header("Access-Control-Allow-Origin"));
        (await client.PostAsync(Orders, "{}")).Is(403);
    }

    [Fact]
    public async Task Refused_page_is_logged_once_a_minute_at_Information_and_always_at_Debug()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var lines = new LogLines("Kaffediem.Protocol.OriginRefusals");
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Settings = { ["Logging:LogLevel:Kaffediem"] = "Debug" },
            ConfigureServices = services => services
                .AddSingleton<TimeProvider>(time)
                .AddSingleton<ILoggerProvider>(lines),
        });
        using var client = server.CreateClient();
        client.Headers.Add("Origin", "http://localhost:3000");

        await client.SendAsync("OPTIONS", Orders, json: null, ("Access-Control-Request-Method", "POST"));
        await client.PostAsync(Orders, "{}");
        await client.GetAsync(Orders);
        time.Advance(TimeSpan.FromMinutes(1));
        await client.GetAsync(Orders);

        const string reason = "The origin http://localhost:3000 is not allowed: add it to the setting Cors:Origins.";
        Assert.Equal(
            [
                $"REFUSED OPTIONS {Orders}: {reason}",
                $"REFUSED 2 more requests, which were not logged: {reason}",
                $"REFUSED GET {Orders}: {reason}",
            ],
            lines.Of(LogLevel.Information, "localhost:3000"));
        Assert.Equal(2, lines.Of(LogLevel.Debug, "localhost:3000").Length);
    }

    [Theory]
    [InlineData("POST", Orders, """{"items":[],"customer_id":"Kari Nordmann"}""", "422: errors in customer_id, items")]
    [InlineData("POST", Orders, "{", "400: The body is not valid JSON: line 1, byte 2.")]
    [InlineData("GET", Orders + "/999?token=secret", null, "404: Not Found")]
    [InlineData("DELETE", Orders, null, "405: Method Not Allowed")]
    [InlineData("POST", "/api/session", """{"email":"kari@shop.example","password":"secret"}""", "401: Unauthorized")]
    public async Task Each_refusal_logs_one_Debug_line_that_quotes_nothing_from_the_request(
        string method, string path, string? body, string reason)
    {
        var lines = new LogLines("Kaffediem.Server");
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Settings = { ["Logging:LogLevel:Kaffediem"] = "Debug" },
            ConfigureServices = services => services.AddSingleton<ILoggerProvider>(lines),
        });
        using var client = server.CreateClient();

        await client.SendAsync(method, path, body);

        var line = Assert.Single(lines.Of(LogLevel.Debug, "REFUSED"));
        Assert.Equal($"REFUSED {method} {path.Split('?')[0]} with {reason}", line);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private static HttpContent? Body(string? kind) => kind switch
    {
        "multipart" => new MultipartFormDataContent { { new StringContent("Overtatt"), "name" } },
        "form" => new FormUrlEncodedContent([new("email", "admin@kaffediem.test"), new("password", "kaffediem")]),
        "text" => new StringContent("""{"name":"Overtatt"}"""),
        _ => null,
    };

    private async Task<string> SignInAsync()
    {
        using var client = _server.CreateClient();
        return (await client.SignInAsync()).Header("Set-Cookie")!;
    }

    private static void AssertAllows(string origin, RestAnswer answer)
    {
        Assert.Equal(origin, answer.Header("Access-Control-Allow-Origin"));
        Assert.Equal("true", answer.Header("Access-Control-Allow-Credentials"));
        Assert.Equal("Origin", answer.Header("Vary"));
    }

    private async Task<RestAnswer> PreflightAsync(
        string origin, string method, string path, string headers = "content-type")
    {
        using var client = _server.CreateClient();
        client.Headers.Add("Origin", origin);
        client.Headers.Add("Access-Control-Request-Method", method);
        client.Headers.Add("Access-Control-Request-Headers", headers);
        return await client.SendAsync("OPTIONS", path);
    }

    /// <summary>Adds <c>/fail</c>, which throws, behind the whole pipeline.</summary>
    private sealed class FailingEndpoint : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            next(app);
            app.Map("/fail", fail => fail.Run(_ => throw new InvalidOperationException("a secret")));
        };
    }
}
