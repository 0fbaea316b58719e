using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Sockets;

/// <summary>
/// Disconnect by id: docs/protocol.md, "Disconnect"; phoenix@167c469 websocket_channels_test.exs and
/// long_poll_channels_test.exs, "shuts down when receiving disconnect broadcasts on socket's id"; socket_test.exs,
/// "disconnect broadcast emits close code 1001 so phoenix.js reconnects".
/// </summary>
public sealed class DisconnectTests
{
    [Fact]
    public async Task All_sockets_of_an_id_are_closed_with_1001_and_their_channels_end()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var meter = new MeterReader(app);
        using var phone = await ConnectAsync(app, 2, "id=user:1");
        using var tablet = await ConnectAsync(app, 1, "id=user:1");
        using var mute = await ConnectAttempt.MakeAsync(app, "websocket", "vsn=2.0.0&id=user:1"); // has sent nothing
        await phone.JoinAsync("room:a");
        await tablet.JoinAsync("room:b");

        app.Endpoint.Disconnect("user:1");

        foreach (var frames in new[] { phone.Frames, tablet.Frames, mute.Frames })
        {
            Assert.Equal([3, 233], (await frames.ReadFrameAsync())?.Payload); // 1001, with no message before it
            await frames.SendFrameAsync(0x8, [3, 233]);
            Assert.True(await frames.ReadEndAsync());
        }

        Assert.Equal(
            ["terminated room:a: Closed", "terminated room:b: Closed"],
            new[] { app.State.NextEvent(), app.State.NextEvent() }.Order());
        Assert.Equal(3, meter["phoenix.closes"]["code=1001 reason=disconnected"]);
    }

    [Fact]
    public async Task Long_poll_session_of_the_id_ends_with_its_waiting_poll()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var meter = new MeterReader(app);
        using var client = await LongPollClient.OpenAsync(app.Address, "vsn=2.0.0&id=user:1");
        await client.PostAsync("""["1","1","room:a","phx_join",{}]""");
        Assert.Equal(200, (await client.PollAsync()).Status); // the reply
        var isWaiting = time.NextTimerAsync(TimeSpan.FromSeconds(10)); // the window
        var waiting = client.PollAsync();
        await isWaiting;

        app.Endpoint.Disconnect("user:1");

        // A poll of an ended session opens a new one. phoenix.js reconnects since 1.8.2; older versions then get a
        // 500.
        Assert.Equal(410, (await waiting).Status);
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        Assert.Equal(1, meter["phoenix.closes"]["code=1001 reason=disconnected"]);
    }

    [Fact]
    public async Task Sockets_of_another_id_or_none_stay_open()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var anonymous = await app.ConnectAsync();
        using var other = await ConnectAsync(app, 2, "id=user:12");
        using var poll = await LongPollClient.OpenAsync(app.Address, "vsn=2.0.0&id=user:2");

        app.Endpoint.Disconnect("user:1");
        app.Endpoint.Disconnect("");
        app.Endpoint.Disconnect("USER:12");

        await anonymous.AssertSilentAsync();
        await other.AssertSilentAsync();
        Assert.Equal(200, (await poll.PostAsync("""[null,"1","phoenix","heartbeat",{}]""")).Status);
    }

    // Messages sent before the disconnect still arrive, for example the reply that makes the client log out.
    [Fact]
    public async Task Messages_queued_before_the_disconnect_arrive_first()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await ConnectAsync(app, 2, "id=user:1");
        await client.JoinAsync("room:a");
        // After the echo the channel has finished its join, so it holds no broadcast back.
        await client.SendAsync("\"1\"", "\"2\"", "room:a", "echo");
        await client.ReceiveAsync();

        app.Endpoint.Broadcast("room:a", "last_words", default);
        app.Endpoint.Disconnect("user:1");
        app.Endpoint.Broadcast("room:a", "too_late", default);

        Assert.Equal("last_words", (await client.ReceiveAsync()).Event);
        Assert.Equal([3, 233], (await client.Frames.ReadFrameAsync())?.Payload);
    }

    // The application decides again.
    [Fact]
    public async Task ConnectAsync_runs_again_for_a_client_that_reconnects()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await ConnectAsync(app, 2, "id=user:1");
        app.Endpoint.Disconnect("user:1");
        Assert.Equal(1001, await client.Frames.ReadCloseCodeAsync());

        using var again = await ConnectAsync(app, 2, "id=user:1");

        await again.AssertSilentAsync();
        Assert.Equal(2, app.State.Connects.Count);
    }

    // The application admitted the client with the knowledge from before the disconnect.
    [Theory]
    [InlineData("user:1", true)]
    [InlineData("user:2", false)]
    public async Task Client_that_is_still_connecting_is_closed_as_soon_as_it_is_admitted(string id, bool isClosed)
    {
        await using var app = await PhoenixApp.StartAsync();
        var connecting = ConnectAsync(app, 2, $"id={id}&wait=g");
        var opening = LongPollClient.OpenAsync(app.Address, $"vsn=2.0.0&id={id}&wait=g");
        Assert.Equal(["connecting", "connecting"], new[] { app.State.NextEvent(), app.State.NextEvent() });

        app.Endpoint.Disconnect("user:1");
        app.State.Open("g");

        using var client = await connecting;
        using var poll = await opening;
        Assert.Equal(isClosed ? 410 : 200, (await poll.PostAsync("""[null,"1","phoenix","heartbeat",{}]""")).Status);
        if (isClosed)
        {
            Assert.Equal(1001, await client.Frames.ReadCloseCodeAsync());
        }
        else
        {
            await client.AssertSilentAsync();
        }
    }

    // No client is closed twice, forgotten, or closed in place of another.
    [Fact]
    public async Task Disconnect_during_connects_closes_exactly_the_clients_of_the_id()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var bystander = await ConnectAsync(app, 2, "id=user:2");
        using var stop = new CancellationTokenSource();
        var disconnecting = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                app.Endpoint.Disconnect("user:1");
                await Task.Yield();
            }
        });

        await Parallel.ForEachAsync(Enumerable.Range(0, 200), async (_, _) =>
        {
            using var client = await ConnectAsync(app, 2, "id=user:1");
            Assert.Equal(1001, await client.Frames.ReadCloseCodeAsync());
        });
        await stop.CancelAsync();
        await disconnecting;
        await bystander.AssertSilentAsync();
    }

    private static async Task<WireClient> ConnectAsync(PhoenixApp app, int version, string query)
    {
        var frames = await FrameClient.ConnectAsync(app.Address, $"/socket/websocket?vsn={version}.0.0&{query}");
        Assert.Equal(101, frames.Status);
        return new WireClient(frames, version);
    }
}
