using Kaffediem.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.Sockets;

/// <summary>
/// The operator's metrics of connections: docs/sockets.md, "Metrics". Whatever clients send, there are few
/// tags.
/// </summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task Connections_are_counted_by_transport_and_version_while_they_last()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var meter = new MeterReader(app);
        foreach (var wire in Enum.GetValues<Wire>().SelectMany(wire => new[] { wire, wire }))
        {
            using var client = await app.ConnectAsync(wire);
            await client.AssertSilentAsync();
        }

        using var patched = await ConnectAttempt.MakeAsync(app, "websocket", "vsn=2.0.19"); // counted as 2.0.0
        foreach (var version in new[] { "1.0.0", "2.0.0" })
        {
            await meter.ReachAsync(
                $"phoenix.connections transport=websocket vsn={version}", version == "1.0.0" ? 0 : 1);
        }

        // A long-poll client just stops polling: its sessions last for a while.
        Assert.Equal(2, meter["phoenix.connections"]["transport=longpoll vsn=1.0.0"]);
        Assert.Equal(2, meter["phoenix.connections"]["transport=longpoll vsn=2.0.0"]);

        var stopping = app.StopAsync();
        await patched.Frames.ReadCloseCodeAsync();
        await patched.Frames.SendFrameAsync(0x8, [3, 244]);
        await stopping;
        foreach (var transport in new[] { "websocket", "longpoll" })
        {
            await meter.ReachAsync($"phoenix.connections transport={transport} vsn=1.0.0", 0);
            await meter.ReachAsync($"phoenix.connections transport={transport} vsn=2.0.0", 0);
        }

        Assert.Empty(meter["phoenix.connections"]);
    }

    // Once for each connection, by close code and reason: some codes have several reasons.
    [Theory]
    [InlineData("closed by client", "code=1000 reason=closed by client")]
    [InlineData("disconnect", "code=1001 reason=disconnected")]
    [InlineData("silence", "code=1002 reason=idle")]
    [InlineData("reserved bits", "code=1002 reason=protocol error")]
    [InlineData("plug pulled", "code=1006 reason=gone")]
    [InlineData("bad text", "code=1007 reason=invalid text")]
    [InlineData("empty fragments", "code=1008 reason=empty fragments")]
    [InlineData("too fast", "code=1008 reason=too many messages")]
    [InlineData("too long", "code=1009 reason=message too big")]
    [InlineData("rubbish", "code=1011 reason=invalid message")]
    [InlineData("shutdown", "code=1012 reason=draining")]
    [InlineData("broadcasts", "code=1013 reason=outbox full")]
    public async Task Closes_are_counted_by_code_and_reason(string end, string expected)
    {
        var time = new FakeTimeProvider();
        await using var app = await PhoenixApp.StartAsync(
            options => (options.MaxMessageBurst, options.MaxOutboxBytes) = (3, 100_000), time: time);
        using var meter = new MeterReader(app);
        using var attempt = await ConnectAttempt.MakeAsync(app, "websocket", "vsn=2.0.0&id=user:1");
        using var client = new WireClient(attempt.Frames, 2);
        await client.JoinAsync("room:a");

        var done = end switch
        {
            "closed by client" => client.Frames.SendFrameAsync(0x8, [3, 232]),
            "disconnect" => Task.Run(() => app.Endpoint.Disconnect("user:1")),
            "silence" => Task.Run(() => time.Advance(TimeSpan.FromSeconds(61))),
            "reserved bits" => client.Frames.SendFrameAsync(0x1, [], reserved: 4),
            "plug pulled" => Task.Run(client.Frames.Reset),
            "bad text" => client.Frames.SendFrameAsync(0x1, [0xFF]),
            "empty fragments" => client.Frames.SendRawAsync(
                [.. FrameClient.Frame(0x1, [], isFinal: false), .. FrameClient.Frame(0x0, [], isFinal: false)]),
            "too fast" => Task.WhenAll(Enumerable.Range(0, 3).Select(_ => client.Frames.SendFrameAsync(0x9, []))),
            "too long" => client.Frames.SendFrameAsync(0x1, new byte[70_000]),
            "rubbish" => client.SendTextAsync("rubbish"),
            "shutdown" => app.StopAsync(),
            _ => Task.Run(() => BroadcastUntilFull(app)),
        };
        await meter.ReachAsync("phoenix.closes " + expected, 1);
        client.Dispose();
        await done;
        await meter.ReachAsync("phoenix.connections transport=websocket vsn=2.0.0", 0);

        Assert.Equal(new Dictionary<string, long> { [expected] = 1 }, meter["phoenix.closes"]);
    }

    [Theory]
    [InlineData("websocket", "vsn=9.0.0", "version")]
    [InlineData("websocket", "vsn=2.0.0&deny=418", "application")]
    [InlineData("websocket", "vsn=2.0.0", "origin", "Origin", "http://evil.example")]
    [InlineData("websocket", "vsn=2.0.0", "auth token", "Sec-WebSocket-Protocol", "base64url.bearer.phx.!")]
    [InlineData("websocket", "vsn=2.0.0", "subprotocol", "Sec-WebSocket-Protocol", "chat")]
    [InlineData("websocket", "vsn=2.0.0", "handshake", "Sec-WebSocket-Version", "8")]
    [InlineData("websocket", "vsn=2.0.0", "too many connections from one address", "X-Crowded", "address")]
    [InlineData("websocket", "vsn=2.0.0", "too many connections", "X-Crowded", "server")]
    [InlineData("longpoll", "vsn=9.0.0", "version")]
    [InlineData("longpoll", "vsn=2.0.0&deny=418", "application")]
    [InlineData("longpoll", "vsn=2.0.0", "origin", "Origin", "http://evil.example")]
    [InlineData("longpoll", "vsn=2.0.0", "too many connections from one address", "X-Crowded", "address")]
    [InlineData("longpoll", "vsn=2.0.0", "too many connections", "X-Crowded", "server")]
    public async Task Refusals_are_counted_by_cause_and_transport(
        string transport, string query, string cause, string header = "X-None", string value = "")
    {
        await using var app = await PhoenixApp.StartAsync(
            options =>
            {
                options.MaxConnections = value == "server" ? 1 : 10;
                options.MaxConnectionsPerAddress = value == "address" ? 1 : 10;
            },
            configureSocket: options => options.Subprotocols.Add("sip"));
        using var meter = new MeterReader(app);
        using var letIn = await LongPollClient.OpenAsync(app.Address);
        await letIn.PostAsync();
        app.Logs.Expect("REFUSED a connection");

        for (var i = 0; i < 3; i++)
        {
            using var refused = await ConnectAttempt.MakeAsync(app, transport, query, "/socket", (header, value));
            Assert.False(refused.IsLetIn);
        }

        Assert.Equal(
            new Dictionary<string, long> { [$"cause={cause} transport={transport}"] = 3 }, meter["phoenix.refusals"]);
    }

    [Theory]
    [InlineData("websocket", "POST")]
    [InlineData("longpoll", "DELETE")]
    public async Task Request_with_another_method_is_counted_too(string transport, string method)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var meter = new MeterReader(app);

        using var answer = await ConnectAttempt.SendAsync(app, method, $"/socket/{transport}", null);

        Assert.Equal([$"cause=method transport={transport}"], meter["phoenix.refusals"].Keys);
    }

    [Theory]
    [EachWire]
    public async Task Outbox_bytes_are_those_that_wait_for_all_connections(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxOutboxBytes = 64 * 1024 * 1024);
        using var meter = new MeterReader(app);
        using var first = await app.ConnectAsync(wire);
        using var second = await app.ConnectAsync(wire);
        await first.JoinAsync("room:a");
        await second.JoinAsync("room:a");
        var payload = Payload.FromJson($$"""{"text":"{{new string('x', 99_900)}}"}""");

        for (var i = 0; i < 100; i++)
        {
            app.Endpoint.Broadcast("room:a", "news", payload); // 10 MB for each: more than the kernel buffers
        }

        await app.Endpoint.FlushAsync(CancellationToken.None);
        Assert.InRange(meter.Observe("phoenix.outbox.bytes"), 1_000_000, 21_000_000);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal("news", (await first.ReceiveAsync()).Event);
            Assert.Equal("news", (await second.ReceiveAsync()).Event);
        }

        await first.AssertSilentAsync();
        await second.AssertSilentAsync();
        await (wire.IsLongPoll ? ShowTokenAsync(first, second) : Task.CompletedTask);
        Assert.Equal(0, meter.Observe("phoenix.outbox.bytes"));
    }

    // Messages sent to a long-poll client count as waiting until its next poll proves that they have arrived.
    private static async Task ShowTokenAsync(params WireClient[] clients)
    {
        foreach (var client in clients)
        {
            await client.SendTextAsync("rubbish");
            await client.AssertEndAsync(1011);
        }
    }

    private static void BroadcastUntilFull(PhoenixApp app)
    {
        var payload = Payload.FromJson($$"""{"text":"{{new string('x', 90_000)}}"}""");
        for (var i = 0; i < 500; i++)
        {
            app.Endpoint.Broadcast("room:a", "news", payload);
        }
    }
}
