using System.Net;
using System.Net.Http.Json;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Images;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Server.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Proxies;

/// <summary>
/// Behind the real nginx and HAProxy, as the guide configures them, everything works as without a proxy.
/// </summary>
[Experiment("Proxies")]
public sealed class ReverseProxyTests : IAsyncDisposable
{
    private const string Orders = "/api/collections/order/records";

    private readonly KaffediemServer _server = KaffediemServer.Start(new ServerSetup
    {
        Settings = { ["Proxies"] = "127.0.0.1", ["Auth:AttemptsPerAddress"] = "1" },
        ConfigureServices = services => services
            .AddSingleton(new PasswordVerifier((password, _) => password == "kaffediem")),
    });

    public static TheoryData<string> Programs => ["nginx", "haproxy"];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Socket_of_the_servers_own_page_gets_a_change(string program)
    {
        using var proxy = await StartAsync(program);
        using var browser = proxy.CreateClient();
        using var socket = new WireClient(
            await FrameClient.ConnectAsync(proxy.Address, headers: ("Origin", Origin(proxy))), version: 2);
        Assert.Equal("ok", (await socket.JoinAsync("collection:order")).Status);

        await PlaceAsync(browser, Origin(proxy));

        Assert.Equal("change", (await socket.ReceiveAsync()).Event);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Long_poll_gets_a_change(string program)
    {
        using var proxy = await StartAsync(program);
        using var browser = proxy.CreateClient();
        browser.DefaultRequestHeaders.Add("Origin", Origin(proxy));
        var token = (string)(await PollAsync(browser, ""))["token"]!;
        using var join = new StringContent("""["1","1","collection:order","phx_join",{}]""");
        join.Headers.ContentType = new("application/x-ndjson");
        await browser.PostAsync($"/socket/longpoll?vsn=2.0.0&token={token}", join, CancellationToken);
        await PlaceAsync(browser);

        var messages = "";
        while (!messages.Contains("\"change\"", StringComparison.Ordinal))
        {
            var answer = await PollAsync(browser, token);
            token = (string)answer["token"]!;
            messages += string.Concat(answer["messages"]!.AsArray().Select(message => (string?)message));
        }

        Assert.Contains("phx_reply", messages, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Event_is_delivered_at_once_even_if_the_proxy_compresses(string program)
    {
        using var proxy = await StartAsync(program);
        using var browser = proxy.CreateClient();

        // Each order is placed only after the previous event has arrived: an event that the proxy holds back fails it.
        using var stream = await SseClient.OpenAsync(browser, "collections=order");
        Assert.Equal("snapshot", (await stream.ReadAsync())!.Name);
        for (var i = 0; i < 3; i++)
        {
            await PlaceAsync(browser);
            Assert.Equal("change", (await stream.ReadAsync())!.Name);
        }

        Assert.Equal("no-store, no-transform", stream.Header("Cache-Control"));
    }

    // HAProxy obeys no-transform; nginx ignores it.
    [Fact]
    public async Task Stream_is_not_compressed_by_a_proxy_that_obeys_no_transform()
    {
        using var proxy = await StartAsync("haproxy");
        using var browser = proxy.CreateClient(decompression: DecompressionMethods.None);
        browser.DefaultRequestHeaders.Add("Accept-Encoding", "gzip");

        using var list = await browser.GetAsync(ImageFiles.Items, CancellationToken);
        using var stream = await browser.GetAsync(
            "/api/events?collections=item", HttpCompletionOption.ResponseHeadersRead, CancellationToken);

        Assert.Equal(["gzip"], list.Content.Headers.ContentEncoding); // the proxy does compress other answers
        Assert.Empty(stream.Content.Headers.ContentEncoding);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Upload_arrives_and_its_address_is_the_proxys(string program)
    {
        using var proxy = await StartAsync(program);
        using var browser = proxy.CreateClient();
        var file = ImageFiles.PngOf(300_000);
        using var form = ImageFiles.Form(file);

        using var answer = await browser.PatchAsync(ImageFiles.Items + "/1", form, CancellationToken);

        var image = JsonNode.Parse(await answer.Content.ReadAsStringAsync(CancellationToken))!["image"]!.ToString();
        Assert.StartsWith($"{Origin(proxy)}/uploads/", image, StringComparison.Ordinal);
        Assert.Equal(file, await browser.GetByteArrayAsync(new Uri(image), CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Cookie_is_secure_and_the_limit_counts_the_clients_addresses(string program)
    {
        using var proxy = await StartAsync(program);
        _server.Logs.Expect("are refused for now");
        using var attacker = proxy.CreateClient("127.0.0.2");
        using var other = proxy.CreateClient("127.0.0.3");

        using var wrong = await SignInAsync(attacker, "wrong");
        using var refused = await SignInAsync(attacker, "kaffediem");
        using var right = await SignInAsync(other, "kaffediem");

        Assert.Equal(
            (HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests, HttpStatusCode.OK),
            (wrong.StatusCode, refused.StatusCode, right.StatusCode));
        Assert.Contains("; secure", right.Headers.GetValues("Set-Cookie").First(), StringComparison.Ordinal);
    }

    // Both proxies make the tag weak when they compress the answer.
    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Record_is_written_with_the_tag_that_the_proxy_passed_on(string program)
    {
        using var proxy = await StartAsync(program);
        using var browser = proxy.CreateClient();
        using var read = await browser.GetAsync(ImageFiles.Items + "/1", CancellationToken);
        using var write = new HttpRequestMessage(HttpMethod.Patch, ImageFiles.Items + "/1")
        {
            Content = JsonContent.Create(new JsonObject { ["sort_order"] = 7 }),
        };
        write.Headers.IfMatch.Add(read.Headers.ETag!);

        using var answer = await browser.SendAsync(write, CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(read.Headers.ETag!.IsWeak);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Unix_socket_trusts_forwarded_headers_and_lets_its_group_connect()
    {
        var folder = Directory.CreateTempSubdirectory("kaffediem-");
        try
        {
            var path = Path.Combine(folder.FullName, "kaffediem.sock");
            using var server = await ServerProcess.StartAsync(
                Path.Combine(folder.FullName, "kaffediem.db"),
                """umask 0007; exec "$@" """,
                $"--urls=http://unix:{path}", "--Proxies=127.0.0.1");
            using var proxy = await ReverseProxy.StartAsync("nginx", $"unix:{path}");
            using var browser = proxy.CreateClient();

            using var answer = await SignInAsync(browser, "kaffediem");

            Assert.Contains("; secure", answer.Headers.GetValues("Set-Cookie").First(), StringComparison.Ordinal);
            Assert.True(File.GetUnixFileMode(path).HasFlag(UnixFileMode.GroupWrite));
            Assert.False(File.GetUnixFileMode(path).HasFlag(UnixFileMode.OtherWrite));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static string Origin(ReverseProxy proxy) => proxy.Address.GetLeftPart(UriPartial.Authority);

    private Task<ReverseProxy> StartAsync(string program) =>
        ReverseProxy.StartAsync(program, _server.BaseAddress.Authority);

    private static async Task PlaceAsync(HttpClient browser, string? origin = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Orders)
        {
            Content = new StringContent("""{"items":[{"item":1}]}""", Encoding.UTF8, "application/json"),
        };
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var answer = await browser.SendAsync(request, CancellationToken);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private static async Task<JsonNode> PollAsync(HttpClient browser, string token)
    {
        var json = await browser.GetStringAsync($"/socket/longpoll?vsn=2.0.0&token={token}", CancellationToken);
        return JsonNode.Parse(json)!;
    }

    private static Task<HttpResponseMessage> SignInAsync(HttpClient browser, string password) =>
        browser.PostAsJsonAsync(
            "/api/session",
            new JsonObject { ["email"] = "admin@kaffediem.test", ["password"] = password },
            JsonSerializerOptions.Default,
            CancellationToken);
}
