using System.Globalization;
using Kaffediem.IntegrationTests.Images;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Server.Accounts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>
/// Behind a reverse proxy: the server trusts forwarded headers from configured proxies only. The test
/// acts as the proxy, on 127.0.0.1.
/// </summary>
public sealed class ProxyTests
{
    public static TheoryData<string, bool> Settings => new()
    {
        { "127.0.0.1", true },
        { "10.0.0.0/8, 127.0.0.0/8", true },
        { "::1,127.0.0.1", true },
        { "", false },
        { "10.0.0.0/8", false },
        { "::1", false },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task Cookie_is_secure_when_the_browser_reaches_the_proxy_over_https(string proxies, bool isBelieved)
    {
        await using var server = Start(proxies, "Production", ("Cors:Origins", "https://kaffe.no"));
        using var client = Forward(server, ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "shop.no"));

        var cookie = (await client.SignInAsync()).Values("Set-Cookie")[0];

        var attributes = isBelieved ? "; secure; samesite=none; httponly" : "; path=/; samesite=lax; httponly";
        Assert.EndsWith(attributes, cookie, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task Failed_sign_ins_count_for_the_clients_address(string proxies, bool isBelieved)
    {
        await using var server = Start(proxies);
        server.Logs.Expect("are refused for now");
        for (var i = 0; i < 50; i++)
        {
            // The client's own claim stands first; the proxy appends the address that it sees.
            using var attacker = Forward(server, ("X-Forwarded-For", $"192.0.2.{i}, 198.51.100.7"));
            (await attacker.SignInAsync($"user{i.ToString(CultureInfo.InvariantCulture)}@x.no", "wrong")).Is(401);
        }

        using var same = Forward(server, ("X-Forwarded-For", "198.51.100.7"));
        using var other = Forward(server, ("X-Forwarded-For", "198.51.100.8"));
        (await same.SignInAsync()).Is(429);
        (await other.SignInAsync()).Is(isBelieved ? 200 : 429);
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task Socket_knows_the_origin_that_the_browser_sees(string proxies, bool isBelieved)
    {
        await using var server = Start(proxies);

        using var client = await FrameClient.ConnectAsync(
            server.BaseAddress,
            "/socket/websocket?vsn=2.0.0",
            "GET",
            ("Origin", "https://shop.no"),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", "shop.no"));

        Assert.Equal(isBelieved ? 101 : 403, client.Status);
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task Page_of_the_server_may_write_through_the_proxy(string proxies, bool isBelieved)
    {
        await using var server = Start(proxies, "Development");
        using var client = Forward(
            server, ("Origin", "https://shop.no"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "shop.no"));

        var placed = await client.PostAsync("/api/collections/order/records", """{"items":[{"item":1}]}""");

        placed.Is(isBelieved ? 201 : 403);
    }

    // Traefik forwards upgrade requests as wss or ws.
    [Theory]
    [InlineData("https", "https://shop.no")]
    [InlineData("wss", "https://shop.no")]
    [InlineData("WSS", "https://shop.no")]
    [InlineData("ws", "http://shop.no")]
    [InlineData("http", "http://shop.no")]
    public async Task Page_of_the_server_connects_and_sees_its_images_under_any_scheme_that_the_proxy_sends(
        string forwarded, string origin)
    {
        await using var server = Start("127.0.0.1", "Development");
        using var direct = server.CreateClient();
        var image = new Uri(await ImageFiles.UploadAsync(direct, ImageFiles.Png)).AbsolutePath;
        using var client = Forward(
            server, ("Origin", origin), ("X-Forwarded-Proto", forwarded), ("X-Forwarded-Host", "Shop.no"));

        using var socket = new WireClient(
            await FrameClient.ConnectAsync(
                server.BaseAddress,
                headers: [("Origin", origin), ("X-Forwarded-Proto", forwarded), ("X-Forwarded-Host", "Shop.no")]),
            version: 2);
        var joined = (await socket.JoinAsync("collection:item")).Response!;
        var poll = await client.GetAsync("/socket/longpoll?vsn=2.0.0");
        var stream = await client.SendAsync("HEAD", "/api/events?collections=item");
        var items = await client.GetAsync(ImageFiles.Items);
        var cookie = (await client.SignInAsync()).Header("Set-Cookie")!;

        Assert.Contains($"\"{origin}{image}\"", joined.ToJsonString(Json.Relaxed), StringComparison.Ordinal);
        Assert.Contains($"\"{origin}{image}\"", items.Text, StringComparison.Ordinal);
        Assert.Equal((410, 200), (poll.Json.GetProperty("status").GetInt32(), stream.Status));
        Assert.Equal(
            origin.StartsWith("https", StringComparison.Ordinal),
            cookie.Contains("; secure", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("javascript")]
    [InlineData("java script")]
    [InlineData("file")]
    [InlineData("https://shop.no")]
    public async Task Unknown_scheme_is_ignored_with_at_most_one_warning_a_minute(string forwarded)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = Start("127.0.0.1", "Development", time);
        using var client = Forward(
            server, ("Origin", "http://shop.no"), ("X-Forwarded-Proto", forwarded), ("X-Forwarded-Host", "shop.no"));
        server.Logs.Expect("which is ignored");

        (await client.PostAsync("/api/collections/order/records", """{"items":[{"item":1}]}""")).Is(201);
        (await client.GetAsync("/health")).Is(200);
        Assert.Equal(1, server.Logs.Count($"X-Forwarded-Proto \"{forwarded}\", which is ignored"));
        time.Advance(TimeSpan.FromMinutes(1));
        (await client.GetAsync("/health")).Is(200);
        Assert.Equal(2, server.Logs.Count("which is ignored"));
    }

    // One value for each proxy of a chain: an ignored value must not shift the others.
    [Theory]
    [InlineData("wss, http", "https://shop.no")]
    [InlineData("ws, https", "http://shop.no")]
    [InlineData("javascript, https", "https://shop.no")]
    public async Task Scheme_is_that_of_the_first_known_proxy_of_a_chain(string forwarded, string origin)
    {
        await using var server = Start("127.0.0.1,10.0.0.1", "Development");
        server.Logs.Expect("which is ignored");
        using var client = Forward(
            server,
            ("Origin", origin),
            ("X-Forwarded-For", "192.0.2.1, 10.0.0.1"),
            ("X-Forwarded-Proto", forwarded),
            ("X-Forwarded-Host", "shop.no, inner"));

        (await client.PostAsync("/api/collections/order/records", """{"items":[{"item":1}]}""")).Is(201);
    }

    [Fact]
    public async Task Invalid_scheme_from_an_untrusted_address_logs_no_warning()
    {
        await using var server = Start("10.0.0.0/8", "Development");
        using var client = Forward(server, ("X-Forwarded-Proto", "javascript"));

        (await client.GetAsync("/health")).Is(200);
    }

    [Theory]
    [InlineData("", "127.0.0.1")]
    [InlineData("10.0.0.0/8", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "192.168.1.20")]
    [InlineData("127.0.0.1", "127.0.0.1, 192.168.1.20")]
    public async Task Browser_behind_a_proxy_is_not_signed_in_in_Development(string proxies, string forwardedFor)
    {
        await using var server = Start(proxies, "Development");
        using var client = Forward(server, ("X-Forwarded-For", forwardedFor));

        (await client.GetAsync("/api/session")).Is(204);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.0/8")]
    public async Task Framework_switch_that_trusts_every_proxy_has_no_effect(string proxies)
    {
        await using var server = Start(proxies, "Production", ("ForwardedHeaders_Enabled", "true"));
        server.Logs.Expect("ASPNETCORE_FORWARDEDHEADERS_ENABLED believes everybody and is ignored");
        using var client = Forward(server, ("X-Forwarded-Proto", "https"));

        Assert.DoesNotContain("secure", (await client.SignInAsync()).Header("Set-Cookie"), StringComparison.Ordinal);
        // The server already listens when it logs the warnings of its start.
        await Polling.UntilAsync(() => server.Logs.Count("is ignored: set Proxies") == 1);
    }

    private static KaffediemServer Start(string proxies, string environment, TimeProvider time) =>
        ExpectingWarning(KaffediemServer.Start(new ServerSetup
        {
            Environment = environment,
            Settings = { ["Proxies"] = proxies },
            ConfigureServices = services => services.AddSingleton(time),
        }));

    private static KaffediemServer Start(
        string proxies, string environment = "Production", params (string Name, string Value)[] settings) =>
        ExpectingWarning(KaffediemServer.Start(new ServerSetup
        {
            Environment = environment,
            Settings = settings.Append((Name: "Proxies", Value: proxies))
                .ToDictionary(setting => setting.Name, setting => setting.Value),
            ConfigureServices = services => services
                .AddSingleton(new PasswordVerifier(
                    (password, _) => password is Administrator.Password or Administrator.PublishedPassword)),
        }));

    // The warning about networks: see ProxyHopsTests.
    private static KaffediemServer ExpectingWarning(KaffediemServer server)
    {
        server.Logs.Expect("can pass for any other address");
        return server;
    }

    private static RestClient Forward(KaffediemServer server, params (string Name, string Value)[] headers)
    {
        var client = server.CreateClient();
        foreach (var (name, value) in headers)
        {
            client.Headers.TryAddWithoutValidation(name, value);
        }

        return client;
    }
}
