using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.Channels;

/// <summary>Each socket and each channel has a service scope of its own: Protocol/README.md, "Lifetimes".</summary>
public sealed class ScopeTests
{
    private static readonly string[] SocketDisposal = ["socket disposed", "service of socket disposed"];
    private static readonly string[] ChannelDisposal = ["channel disposed", "service of channel disposed"];

    [Theory]
    [EachWire("leave")]
    [EachWire("crash")]
    [EachWire("stop")]
    [EachWire("join again")]
    public async Task Joined_channel_is_disposed_after_it_has_terminated(Wire wire, string end)
    {
        await using var app = await StartAsync();
        app.Logs.Expect("crashed in \"crash\"");
        using var client = await app.ConnectAsync(wire, "/scoped");
        Assert.Equal("ok", (await client.JoinAsync("a")).Status);

        await (end switch
        {
            "leave" => client.SendAsync("\"1\"", "\"2\"", "a", "phx_leave"),
            "join again" => client.SendAsync("\"2\"", "\"2\"", "a", "phx_join"),
            _ => client.SendAsync("\"1\"", "\"2\"", "a", end),
        });

        AssertEvents(app, ["terminated", .. ChannelDisposal]);
        Assert.Empty(app.State.Events);
    }

    [Theory]
    [EachWire("disconnect")]
    [EachWire("shutdown")]
    public async Task Socket_is_disposed_after_all_its_channels(Wire wire, string end)
    {
        await using var app = await StartAsync();
        using var client = await app.ConnectAsync(wire, "/scoped");
        await client.JoinAsync("a");
        await client.JoinAsync("b", "\"2\"");

        var ending = end == "shutdown" ? app.StopAsync() : Task.Run(() => app.Endpoint.Disconnect("scoped"));

        string[] each = ["terminated", .. ChannelDisposal];
        Assert.Equal(each.Concat(each).Order(), NextEvents(app, 6).Order());
        AssertEvents(app, SocketDisposal);
        client.Dispose();
        await ending;
    }

    [Theory]
    [EachWire("refuse", "phx_reply")]
    [EachWire("crash", "phx_reply")]
    public async Task Channel_that_refuses_its_join_is_disposed(Wire wire, string end, string answer)
    {
        await using var app = await StartAsync();
        app.Logs.Expect("crashed in \"phx_join\"");
        using var client = await app.ConnectAsync(wire, "/scoped");

        var reply = await client.JoinAsync("a", payload: $$"""{"end":"{{end}}"}""");

        Assert.Equal((answer, "error"), (reply.Event, reply.Status));
        AssertEvents(app, ChannelDisposal);
    }

    [Theory]
    [EachWire]
    public async Task Services_of_a_channel_that_cannot_be_constructed_are_disposed(Wire wire)
    {
        await using var app = await StartAsync();
        app.Logs.Expect("crashed in \"phx_join\"");
        using var client = await app.ConnectAsync(wire, "/scoped");

        Assert.Equal("join crashed", (await client.JoinAsync("unmade:a")).Reason);

        AssertEvents(app, "service of nobody disposed");
        Assert.Equal(1, app.Logs.Count(nameof(MissingService))); // the word that identifies the fault
    }

    [Fact]
    public async Task Every_join_has_its_own_services_which_end_with_it()
    {
        await using var app = await StartAsync();
        using var client = await app.ConnectAsync(Wire.V2WebSocket, "/scoped");
        HashSet<string> services = [];
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal("ok", (await client.JoinAsync("a")).Status);
            await client.SendAsync("\"1\"", "\"2\"", "a", "which service");
            services.Add((await client.ReceiveAsync()).Response!.ToJsonString());
            await client.SendAsync("\"1\"", "\"3\"", "a", "phx_leave");
            Assert.Equal("ok", (await client.ReceiveAsync()).Status);
            Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);
            AssertEvents(app, ["terminated", .. ChannelDisposal]);
        }

        Assert.Equal(100, services.Count);
    }

    [Theory]
    [InlineData("websocket", "refuse", 403)]
    [InlineData("longpoll", "refuse", 403)]
    [InlineData("websocket", "throw", 500)]
    [InlineData("longpoll", "throw", 500)]
    [InlineData("websocket", "throw in Id", 500)]
    [InlineData("longpoll", "throw in Id", 500)]
    [InlineData("websocket", "handshake", 400)]
    public async Task Socket_that_does_not_get_a_connection_is_disposed(string transport, string end, int status)
    {
        await using var app = await StartAsync();
        app.Logs.Expect("secret");

        using var attempt = await ConnectAttempt.MakeAsync(
            app, transport, $"vsn=2.0.0&end={Uri.EscapeDataString(end)}", "/scoped",
            (end == "handshake" ? "Sec-WebSocket-Key" : "X-None", null));

        Assert.Equal(status, attempt.Status);
        AssertEvents(app, SocketDisposal);
    }

    [Theory]
    [InlineData("websocket")]
    [InlineData("longpoll")]
    public async Task Socket_whose_client_gives_up_connecting_is_disposed(string transport)
    {
        await using var app = await StartAsync();
        using var giveUp = new CancellationTokenSource();
        using var http = new HttpClient();

        var connecting = http.GetAsync(new Uri(app.Address, $"/scoped/{transport}?vsn=2.0.0&end=wait"), giveUp.Token);
        Assert.Equal("connecting", app.State.NextEvent());
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);

        AssertEvents(app, SocketDisposal);
    }

    [Fact]
    public async Task Socket_that_cannot_be_constructed_returns_500_and_the_log_names_the_missing_service()
    {
        await using var app = await StartAsync();
        app.Logs.Expect(nameof(MissingService));

        using var attempt = await ConnectAttempt.MakeAsync(app, "websocket", "vsn=2.0.0", "/unmade");

        Assert.Equal(500, attempt.Status);
        Assert.Equal(1, app.Logs.Count(nameof(MissingService)));
        AssertEvents(app, "service of nobody disposed");
    }

    [Fact]
    public async Task Channel_that_is_only_IDisposable_is_disposed()
    {
        await using var app = await StartAsync();
        using var client = await app.ConnectAsync(Wire.V2WebSocket, "/scoped");
        await client.JoinAsync("sync:a");

        await client.SendAsync("\"1\"", "\"2\"", "sync:a", "phx_leave");

        AssertEvents(app, "channel disposed");
    }

    [Fact]
    public async Task Exception_while_disposing_is_logged_and_the_services_are_disposed()
    {
        await using var app = await StartAsync();
        app.Logs.Expect("Disposing of a ScopedChannel, or of a service in its scope, failed");
        using var client = await app.ConnectAsync(Wire.V2WebSocket, "/scoped");
        await client.JoinAsync("a", payload: """{"end":"throw"}""");

        await client.SendAsync("\"1\"", "\"2\"", "a", "phx_leave");

        AssertEvents(app, ["terminated", .. ChannelDisposal]);
        Assert.Equal(1, app.Logs.Count("System.InvalidOperationException"));
        Assert.Equal(0, app.Logs.Count("secret"));
    }

    [Fact]
    public async Task Channel_whose_disposal_does_not_end_is_abandoned_after_the_shutdown_timeout()
    {
        var time = new FakeTimeProvider();
        await using var app = await StartAsync(time);
        app.Logs.Expect("Disposing of a ScopedChannel, or of a service in its scope, failed: System.TimeoutException");
        using var client = await app.ConnectAsync(Wire.V2WebSocket, "/scoped");
        await client.JoinAsync("a", payload: """{"end":"hang"}""");
        await client.SendAsync("\"1\"", "\"2\"", "a", "phx_leave");
        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
        Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);

        var rejoined = client.JoinAsync("a", "\"3\"");
        var passed = await time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), rejoined);

        Assert.Equal("ok", (await rejoined).Status);
        Assert.True(passed >= TimeSpan.FromSeconds(5), $"{passed}");
        AssertEvents(app, "terminated", "service of channel disposed");
    }

    // The host disposes its services after it has stopped, so a channel can still use them while it ends.
    [Theory]
    [EachWire]
    public async Task Stop_waits_until_everything_is_disposed(Wire wire)
    {
        await using var app = await StartAsync();
        using var client = await app.ConnectAsync(wire, "/scoped");
        await client.JoinAsync("a");

        var stopping = app.StopAsync();
        client.Dispose();
        await stopping;

        Assert.Equal(["terminated", .. ChannelDisposal, .. SocketDisposal], app.State.Events);
    }

    private static Task<PhoenixApp> StartAsync(TimeProvider? time = null) => PhoenixApp.StartAsync(
        time: time,
        configureBuilder: builder => builder.Services.AddScoped<ScopedService>(),
        configureApp: app =>
        {
            app.MapPhoenixSocket<ScopedSocket>("/scoped");
            app.MapPhoenixSocket<UnmadeSocket>("/unmade");
        });

    private static void AssertEvents(PhoenixApp app, params string[] expected) =>
        Assert.Equal(expected, NextEvents(app, expected.Length));

    private static string[] NextEvents(PhoenixApp app, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => app.State.NextEvent())];
}
