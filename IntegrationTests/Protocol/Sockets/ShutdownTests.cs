using System.Text;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.Sockets;

/// <summary>
/// The shutdown of the server: docs/protocol.md, "Drain" (every socket is closed, with channels or without);
/// phoenix@167c469 socket_test.exs, "loads static drainer config".
/// </summary>
public sealed class ShutdownTests
{
    private const string Closes = "phoenix.closes code=1012 reason=draining";

    [Fact]
    public async Task Connections_are_closed_in_batches_spread_over_the_drain_time()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(
            options => (options.DrainBatchSize, options.DrainTime) = (2, TimeSpan.FromSeconds(3)), time: time);
        using var meter = new MeterReader(app);
        var clients = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => app.ConnectAsync()));
        var polls = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => app.ConnectAsync(Wire.V2LongPoll)));
        await clients[0].JoinAsync("room:a");

        // Three batches: the first at once, then one every second.
        var pause = time.NextTimerAsync(TimeSpan.FromSeconds(1));
        var stopping = app.StopAsync();
        await pause;
        Assert.Equal(2, meter["phoenix.closes"]["code=1012 reason=draining"]);

        pause = time.NextTimerAsync(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal(2, meter["phoenix.closes"]["code=1012 reason=draining"]);
        time.Advance(TimeSpan.FromSeconds(0.1));
        await pause;
        Assert.Equal(4, meter["phoenix.closes"]["code=1012 reason=draining"]);

        time.Advance(TimeSpan.FromSeconds(1));
        await meter.ReachAsync(Closes, 6);
        await Task.WhenAll(clients.Select(client => SayGoodbyeAsync(client.Frames)));
        await stopping;
        Assert.Equal(["code=1012 reason=draining"], meter["phoenix.closes"].Keys);
        Array.ForEach(clients, client => client.Dispose());
        Array.ForEach(polls, client => client.Dispose());
    }

    [Fact]
    public async Task Client_is_served_until_its_batch_is_closed()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(options => options.DrainBatchSize = 1, time: time);
        using var first = await app.ConnectAsync();
        using var second = await app.ConnectAsync();
        await first.AssertSilentAsync();
        await second.AssertSilentAsync();

        var pause = time.NextTimerAsync(TimeSpan.FromSeconds(1)); // half of the default of 2 s
        var stopping = app.StopAsync();
        await pause;
        await first.SendAsync(null, "\"1\"", "phoenix", "heartbeat");
        await second.SendAsync(null, "\"1\"", "phoenix", "heartbeat");
        int[] opcodes =
        [
            (await first.Frames.ReadFrameAsync())!.Value.Opcode, (await second.Frames.ReadFrameAsync())!.Value.Opcode,
        ];
        Assert.Equal([0x1, 0x8], opcodes.Order());

        time.Advance(TimeSpan.FromSeconds(1));
        await SayGoodbyeAsync((opcodes[0] == 0x1 ? first : second).Frames);
        await (opcodes[0] == 0x1 ? second : first).Frames.SendFrameAsync(0x8, [3, 244]);
        await stopping;
    }

    [Fact]
    public async Task Long_poll_session_ends_and_its_waiting_poll_makes_the_client_reconnect()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var client = await LongPollClient.OpenAsync(app.Address);
        await client.PostAsync("""["1","1","room:a","phx_join",{}]""");
        Assert.Equal(200, (await client.PollAsync()).Status);
        var isWaiting = time.NextTimerAsync(TimeSpan.FromSeconds(10)); // the window
        var waiting = client.PollAsync();
        await isWaiting;

        await app.StopAsync();

        // Not JSON: phoenix.js treats the answer as an error, closes with 1011 and opens a new session after a moment.
        var answer = await waiting;
        Assert.Equal((503, ""), ((int)answer.HttpStatus, answer.Body));
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
    }

    // Kestrel still listens for a moment after the drain has begun.
    [Theory]
    [InlineData("websocket")]
    [InlineData("longpoll")]
    public async Task New_clients_are_refused_with_503_during_the_drain(string transport)
    {
        PhoenixApp? app = null;
        ConnectAttempt? attempt = null;
        app = await PhoenixApp.StartAsync(configureApp: built => built.Lifetime.ApplicationStopping.Register(
            // Registered before the callback of the drain, so it runs after it.
            () => attempt = ConnectAttempt.MakeAsync(app!, transport, "vsn=9.0.0").GetAwaiter().GetResult()));
        await using var _ = app;
        using var meter = new MeterReader(app);

        await app.StopAsync();

        Assert.Equal((503, ""), (attempt!.HttpStatus, attempt.Body));
        Assert.Equal([$"cause=draining transport={transport}"], meter["phoenix.refusals"].Keys);
        attempt.Dispose();
    }

    [Fact]
    public async Task Client_that_is_still_connecting_is_closed_at_once()
    {
        await using var app = await PhoenixApp.StartAsync();
        var connecting = ConnectAttempt.MakeAsync(app, "websocket", "vsn=2.0.0&wait=g");
        Assert.Equal("connecting", app.State.NextEvent());

        var stopping = app.StopAsync();
        app.State.Open("g");

        using var attempt = await connecting;
        Assert.Equal(101, attempt.Status);
        await SayGoodbyeAsync(attempt.Frames);
        await stopping;
    }

    // The stalled client neither reads nor answers.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stalled_client_delays_the_shutdown_only_until_the_close_timeout(bool useTls)
    {
        var time = new FakeTimeProvider();
        await using var app = await PhoenixApp.StartAsync(
            options => options.MaxOutboxBytes = 64 * 1024 * 1024, useTls, time);
        using var stalled = await app.ConnectAsync();
        using var polite = await app.ConnectAsync();
        await stalled.JoinAsync("room:a");
        var text = Payload.FromJson(Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', 80_000)}}"}"""));
        for (var i = 0; i < 400; i++)
        {
            app.Endpoint.Broadcast("room:a", "news", text);
        }

        var stopping = app.StopAsync();
        await SayGoodbyeAsync(polite.Frames);
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(stopping.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));

        await stopping;
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
    }

    [Fact]
    public async Task Shutdown_without_connections_does_not_wait()
    {
        await using var app = await PhoenixApp.StartAsync(
            options => options.DrainTime = TimeSpan.FromDays(1), time: new FakeTimeProvider());

        await app.StopAsync();
    }

    private static async Task SayGoodbyeAsync(FrameClient frames)
    {
        Assert.Equal(1012, await frames.ReadCloseCodeAsync());
        await frames.SendFrameAsync(0x8, [3, 244]);
        Assert.True(await frames.ReadEndAsync());
    }
}
