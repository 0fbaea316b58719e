using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Kaffediem.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Events;

/// <summary>Which clients get an event stream, and which lose it.</summary>
public sealed class EventLimitTests
{
    private const string Messages = "/api/collections/message/records";

    // 24 MB in all: more than the kernel buffers for a connection, and more than the server keeps of the log in memory.
    private const int LongMessages = 400;

    [Theory]
    [InlineData("", "collections", "must name some of menu, category")]
    [InlineData("collections=", "collections", "must name some of")]
    [InlineData("collections=,", "collections", "must name some of")]
    [InlineData("collections=order,nope", "collections", "\"nope\" is not a collection; the collections are menu, ")]
    [InlineData("collections=Order", "collections", "the collections are order, ")]
    [InlineData("collections=order&from_date=i%20dag", "from_date", "must be \"today\"")]
    [InlineData("collections=order&customer_id=x", "customer_id", "must be an integer")]
    public async Task Malformed_query_returns_400_and_the_reason(
        string query, string parameter, string reason)
    {
        await using var server = KaffediemServer.Start();
        using var rest = server.CreateClient();

        var answer = await rest.GetAsync($"/api/events?{query}");

        var message = answer.Is(400).GetProperty("errors").GetProperty(parameter)[0].GetString();
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HEAD_is_answered_with_the_headers_alone_and_other_methods_with_405()
    {
        await using var server = KaffediemServer.Start();
        using var rest = server.CreateClient();

        var head = await rest.SendAsync("HEAD", "/api/events?collections=order&from_date=today");
        Assert.Equal(
            (200, "", "text/event-stream; charset=utf-8"), (head.Status, head.Text, head.Header("Content-Type")));
        (await rest.SendAsync("HEAD", "/api/events")).Is(400);
        (await rest.PostAsync("/api/events?collections=order", "{}")).Is(405);
    }

    [Fact]
    public async Task Only_pages_of_allowed_origins_and_of_the_server_may_open_a_stream()
    {
        await using var server = KaffediemServer.Start();
        Assert.Equal(200, (await OpenAsync("http://localhost:5173")).Status);
        Assert.Equal(200, (await OpenAsync($"http://{server.BaseAddress.Authority}")).Status);
        Assert.Equal(403, (await OpenAsync("http://evil.example")).Status);
        Assert.Equal(403, (await OpenAsync("null")).Status);
        Assert.Equal(
            "http://localhost:5173", (await OpenAsync("http://localhost:5173")).Header("Access-Control-Allow-Origin"));
        Assert.Equal("true", (await OpenAsync("http://localhost:5173")).Header("Access-Control-Allow-Credentials"));

        using var rest = server.CreateClient();
        rest.Headers.Add("Origin", "http://localhost:5173");
        rest.Headers.Add("Access-Control-Request-Method", "GET");
        rest.Headers.Add("Access-Control-Request-Headers", "last-event-id");
        var preflight = await rest.SendAsync("OPTIONS", "/api/events?collections=order");
        Assert.Equal("last-event-id", preflight.Header("Access-Control-Allow-Headers"));

        async Task<SseClient> OpenAsync(string origin)
        {
            using var http = Http(server);
            http.DefaultRequestHeaders.Add("Origin", origin);
            using var client = await SseClient.OpenAsync(http, "collections=status");
            return client;
        }
    }

    [Theory]
    [InlineData(nameof(PhoenixOptions.MaxConnections), 503)]
    [InlineData(nameof(PhoenixOptions.MaxConnectionsPerAddress), 429)]
    public async Task Streams_and_sockets_share_the_connection_limits(string limit, int status)
    {
        await using var server = Start(options => typeof(PhoenixOptions).GetProperty(limit)!.SetValue(options, 2));
        using var http = Http(server);
        using var socket = await WireClient.ConnectAsync(server.BaseAddress);
        using (await SseClient.OpenAsync(http, "collections=order"))
        {
            using var refused = await SseClient.OpenAsync(http, "collections=order");
            Assert.Equal(status, refused.Status);
            Assert.Contains("errors", await refused.ReadToEndAsync(), StringComparison.Ordinal);
            using var noSocket = await FrameClient.ConnectAsync(server.BaseAddress, "/socket/websocket?vsn=2.0.0");
            Assert.Equal(status, noSocket.Status);
        }

        await UntilThereIsRoomAsync(http);
    }

    // Half of the four places in all, and of the four of one address.
    [Fact]
    public async Task Places_are_reserved_for_signed_in_clients()
    {
        await using var server = Start(options =>
            (options.MaxConnections, options.MaxConnectionsPerAddress, options.KeptForUsersPercent) = (4, 4, 50));
        using var rest = server.CreateClient();
        var cookie = (await rest.SignInAsync()).Header("Set-Cookie")!.Split(';')[0];
        using var stranger = Http(server);
        using var till = Http(server);
        till.DefaultRequestHeaders.Add("Cookie", cookie);
        using var first = await SseClient.OpenAsync(stranger, "collections=order");
        using var second = await WireClient.ConnectAsync(server.BaseAddress);

        using var third = await SseClient.OpenAsync(stranger, "collections=order");
        using var stream = await SseClient.OpenAsync(till, "collections=order");
        using var socket = await FrameClient.ConnectAsync(
            server.BaseAddress, "/socket/websocket?vsn=2.0.0", "GET", ("Cookie", cookie));

        Assert.Equal((503, 200, 101), (third.Status, stream.Status, socket.Status));
    }

    [Fact]
    public async Task Streams_end_at_once_at_shutdown()
    {
        var server = KaffediemServer.Start();
        await using var _ = server;
        using var http = Http(server);
        using var stream = await SseClient.OpenAsync(http, "collections=order");
        await stream.ReadAsync();

        var stopped = server.StopAsync();

        Assert.Null(await stream.ReadAsync());
        await stopped.WaitAsync(TimeSpan.FromSeconds(15)); // Kestrel would wait for 20 s
    }

    [Fact]
    public async Task Client_that_does_not_read_for_10_s_is_cut_off_and_others_get_everything()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = Start(options => options.MaxConnections = 2, time);
        using var http = Http(server);
        using var rest = server.CreateClient();
        using var stalled = await RawRequest.SendAsync(
            server.BaseAddress, "GET /api/events?collections=message", "", "");
        await stalled.HasAnswerAsync();
        using var reader = await SseScreen.OpenAsync(http, "collections=message");
        var everything = reader.ReachAsync("message", LongMessages);
        await WriteLongMessagesAsync(rest);
        await everything;
        Assert.Empty(reader.Faults);
        var begun = time.GetUtcNow();
        await UntilThereIsRoomAsync(http, () => time.Advance(TimeSpan.FromSeconds(1)));
        Assert.True(time.GetUtcNow() - begun >= TimeSpan.FromSeconds(10));

        await rest.PostAsync(Messages, """{"title":"Hei"}""");
        await reader.ReachAsync("message", LongMessages + 1);
    }

    [Fact]
    public async Task Client_that_does_not_read_is_cut_off_exactly_after_the_stall_timeout()
    {
        var timeout = TimeSpan.FromSeconds(7); // unlike that of any other timer
        var time = new WatchedTime();
        time.SetUtcNow(DateTimeOffset.UtcNow);
        await using var server = Start(options => (options.MaxConnections, options.StallTimeout) = (1, timeout), time);
        using var http = Http(server);
        using var rest = server.CreateClient();
        using var stalled = await RawRequest.SendAsync(
            server.BaseAddress, "GET /api/events?collections=message", "", "");
        await stalled.HasAnswerAsync();
        var blocked = time.NextTimerAsync(timeout);
        await WriteLongMessagesAsync(rest);
        await blocked;
        await Polling.UntilAtRestAsync(() => stalled.Available);

        time.Advance(timeout - TimeSpan.FromMilliseconds(1));
        using (var refused = await SseClient.OpenAsync(http, "collections=order"))
        {
            Assert.Equal(503, refused.Status);
        }

        time.Advance(TimeSpan.FromMilliseconds(1));
        await stalled.IsCutOffAsync();
        await UntilThereIsRoomAsync(http);
    }

    [Theory]
    [InlineData(1_000_000, 1)]
    [InlineData(10, 2)]
    public async Task Lagging_client_gets_the_rest_from_the_log_or_the_whole_list_if_the_log_is_pruned(
        int keepChanges, int snapshots)
    {
        await using var server = Start(_ => { }, new FakeTimeProvider(DateTimeOffset.UtcNow), keepChanges);
        using var http = Http(server);
        using var rest = server.CreateClient();
        using var stream = await SseScreen.OpenAsync(http, "collections=message");
        await WriteLongMessagesAsync(rest);
        await server.Services.GetRequiredService<Database>().PruneChangesAsync(CancellationToken.None);

        await stream.ReachAsync("message", LongMessages);

        Assert.Empty(stream.Faults);
        Assert.Equal(snapshots, stream.Events.Count(e => e.Name == "snapshot"));
        Assert.Equal(
            (await rest.GetAsync(Messages)).Items.Select(message => message.GetProperty("id").GetInt64()).Order(),
            JsonNode.Parse(stream.Records("message"))!.AsArray().Select(message => (long)message!["id"]!));
    }

    private static async Task WriteLongMessagesAsync(RestClient rest)
    {
        for (var i = 0; i < LongMessages; i++)
        {
            (await rest.PostAsync(Messages, $$"""{"title":"{{new string('x', 60_000)}}"}""")).Is(201);
        }
    }

    // Only the kernel decides when the server learns that a client has gone.
    private static Task UntilThereIsRoomAsync(HttpClient http, Action? onRefused = null) =>
        Polling.UntilAsync(async () =>
        {
            using var client = await SseClient.OpenAsync(http, "collections=order");
            if (client.Status == 200)
            {
                return true;
            }

            onRefused?.Invoke();
            return false;
        });

    private static KaffediemServer Start(
        Action<PhoenixOptions> configure, TimeProvider? time = null, int keepChanges = 1_000_000)
    {
        var server = KaffediemServer.Start(new ServerSetup
        {
            Settings = { ["Database:KeepChanges"] = $"{keepChanges}" },
            ConfigureServices = services =>
            {
                services.Configure(configure);
                services.AddSingleton(time ?? TimeProvider.System);
            },
        });
        server.Logs.Expect("REFUSED a connection");
        return server;
    }

    private static HttpClient Http(KaffediemServer server) => new() { BaseAddress = server.BaseAddress };
}
