using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.Limits;

/// <summary>
/// The limits for one client (docs/protocol.md, "Events"): messages a second, with an error as reply and then 1008; the
/// length of messages, topics and events; channels per socket; phoenix@167c469 websocket_channels_test.exs, "honors
/// configured max_channels_per_transport".
/// </summary>
public sealed class MessageLimitTests
{
    [Theory]
    [EachWire]
    public async Task Client_that_sends_too_fast_gets_an_error_and_is_closed_with_1008(Wire wire)
    {
        await using var app = await StartAsync(burst: 3, perSecond: 2);
        using var meter = new MeterReader(app);
        using var client = await app.ConnectAsync(wire);
        using var other = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");
        await client.SendAsync("\"1\"", "\"2\"", "room:none", "echo"); // refused messages count as well
        await client.ReceiveAsync();
        await client.AssertSilentAsync();

        await client.SendAsync("\"1\"", "\"3\"", "room:a", "echo");
        var refused = await client.ReceiveAsync();

        Assert.Equal(
            ("room:a", "phx_reply", "error", "too many messages"),
            (refused.Topic, refused.Event, refused.Status, refused.Reason));
        Assert.Equal("\"3\"", refused.Ref?.ToJsonString());
        await client.AssertEndAsync(1008);
        Assert.Equal(1, meter["phoenix.closes"]["code=1008 reason=too many messages"]);
        if (!wire.IsLongPoll)
        {
            await client.Frames.SendFrameAsync(0x8, [3, 240]); // the client's answer to the close
        }

        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        await other.AssertSilentAsync();
    }

    [Theory]
    [EachV2Wire]
    public async Task Rest_of_a_batch_is_skipped_after_the_refused_message(Wire wire)
    {
        await using var app = await StartAsync(burst: 2, perSecond: 2);
        using var client = await app.ConnectAsync(wire);

        await client.SendTextAsync(
            [.. Enumerable.Range(0, 50).Select(i => $$"""[null,"{{i}}","phoenix","heartbeat",{}]""")]);

        Assert.Equal(("0", "ok"), await ReadAsync());
        Assert.Equal(("1", "ok"), await ReadAsync());
        Assert.Equal(("2", "error"), await ReadAsync());
        await client.AssertEndAsync(1008);

        async Task<(string?, string?)> ReadAsync()
        {
            var reply = await client.ReceiveAsync();
            return ((string?)reply.Ref, reply.Status);
        }
    }

    [Theory]
    [EachWire]
    public async Task Budget_is_refilled_at_a_steady_rate(Wire wire)
    {
        var time = new FakeTimeProvider();
        await using var app = await StartAsync(burst: 3, perSecond: 2, time);
        using var client = await app.ConnectAsync(wire);
        for (var i = 0; i < 3; i++)
        {
            await client.AssertSilentAsync();
        }

        for (var i = 0; i < 100; i++)
        {
            time.Advance(TimeSpan.FromSeconds(0.5));
            await client.AssertSilentAsync();
        }

        time.Advance(TimeSpan.FromSeconds(1));
        await client.AssertSilentAsync();
        await client.AssertSilentAsync();
        await client.SendAsync(null, "\"1\"", "phoenix", "heartbeat");
        Assert.Equal("too many messages", (await client.ReceiveAsync()).Reason);
    }

    // A silent client saves up no more than the burst.
    [Theory]
    [EachWire]
    public async Task Long_silence_does_not_increase_the_burst(Wire wire)
    {
        var time = new FakeTimeProvider();
        await using var app = await StartAsync(burst: 3, perSecond: 2, time);
        using var client = await app.ConnectAsync(wire);
        await client.AssertSilentAsync();

        time.Advance(TimeSpan.FromMinutes(50));
        for (var i = 0; i < 3; i++)
        {
            await client.AssertSilentAsync();
        }

        await client.SendAsync(null, "\"1\"", "phoenix", "heartbeat");
        Assert.Equal("too many messages", (await client.ReceiveAsync()).Reason);
    }

    // A ping has no reply that could carry an error.
    [Fact]
    public async Task Pings_count_like_messages()
    {
        await using var app = await StartAsync(burst: 5, perSecond: 1);
        using var client = await app.ConnectAsync();
        await client.AssertSilentAsync();

        for (var i = 0; i < 5; i++)
        {
            await client.Frames.SendFrameAsync(0x9, [(byte)i]);
        }

        for (var i = 0; i < 4; i++)
        {
            var pong = await client.Frames.ReadFrameAsync();
            Assert.Equal((0xA, i), (pong!.Value.Opcode, pong.Value.Payload.Single()));
        }

        Assert.Equal([3, 240], (await client.Frames.ReadFrameAsync())?.Payload); // 1008
    }

    [Theory]
    [EachWire("room:xxxxxxxxxxxxxxx", true)] // 20 bytes
    [EachWire("room:xxxxxxxxxxxxxxxx", false)]
    [EachWire("room:☕☕☕☕☕", true)] // 10 characters, 20 bytes
    [EachWire("room:☕☕☕☕☕x", false)]
    [EachWire("room:🍰🍰🍰xxx", true)] // 11 UTF-16 units, 20 bytes
    [EachWire("room:🍰🍰🍰xxxx", false)]
    public async Task Topic_that_is_too_long_in_UTF_8_bytes_is_refused(Wire wire, string topic, bool fits)
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxTopicBytes = 20);
        using var client = await app.ConnectAsync(wire);

        var reply = await client.JoinAsync(topic);

        Assert.Equal((topic, fits ? "ok" : "error"), (reply.Topic, reply.Status));
        Assert.Equal(fits ? null : "topic too long", reply.Reason);
        await client.AssertSilentAsync();
    }

    [Theory]
    [EachWire("xxxxxxxxxx", true)]
    [EachWire("xxxxxxxxxxx", false)]
    [EachWire("☕☕☕x", true)] // 10 bytes
    [EachWire("☕☕☕xx", false)]
    public async Task Event_that_is_too_long_in_UTF_8_bytes_is_refused(Wire wire, string @event, bool fits)
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxEventBytes = 10);
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");

        await client.SendAsync("\"1\"", "\"2\"", "room:b", @event);
        var reply = await client.ReceiveAsync();

        Assert.Equal(fits ? "unmatched topic" : "event too long", reply.Reason);
        await client.AssertSilentAsync();
    }

    [Theory]
    [EachWire]
    public async Task Topics_and_events_have_at_most_1024_bytes_by_default(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        foreach (var (topic, @event, reason) in new[]
        {
            (1024, 1024, "unmatched topic"), (1025, 1024, "topic too long"), (1024, 1025, "event too long"),
        })
        {
            await client.SendAsync(null, "\"1\"", new string('t', topic), new string('e', @event));
            Assert.Equal(reason, (await client.ReceiveAsync()).Reason);
        }
    }

    [Theory]
    [EachWire]
    public async Task Message_of_the_maximum_size_is_accepted_and_a_longer_one_closes_with_1009(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxMessageBytes = 5000);
        using var meter = new MeterReader(app);
        using var client = await app.ConnectAsync(wire);
        var message = wire.Version == 2
            ? """[null,"1","phoenix","heartbeat",{"☕":"#"}]"""
            : """{"topic":"phoenix","event":"heartbeat","ref":"1","payload":{"☕":"#"}}""";
        var length = System.Text.Encoding.UTF8.GetByteCount(message);

        await client.SendTextAsync(message.Replace("#", new string('x', 5001 - length), StringComparison.Ordinal));
        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
        await client.SendTextAsync(message.Replace("#", new string('x', 5002 - length), StringComparison.Ordinal));

        await client.AssertEndAsync(1009);
        Assert.Equal(1, meter["phoenix.closes"]["code=1009 reason=message too big"]);
    }

    [Theory]
    [EachWire]
    public async Task As_many_channels_as_configured_can_be_joined(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxChannelsPerSocket = 2);
        using var client = await app.ConnectAsync(wire);
        using var other = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");
        await client.JoinAsync("room:b");

        var refused = await client.JoinAsync("room:c", "\"7\"");

        Assert.Equal(
            ("error", "too many channels joined", "\"7\""),
            (refused.Status, refused.Reason, refused.Ref?.ToJsonString()));
        Assert.Equal("ok", (await other.JoinAsync("room:c")).Status); // each socket has its own limit
    }

    // The message itself is the outermost level, in V1 and V2 alike.
    [Theory]
    [EachWire(8, false)]
    [EachWire(64, true)]
    public async Task Message_nested_deeper_than_allowed_closes_with_1011(Wire wire, int depth, bool isDefault)
    {
        await using var app = await PhoenixApp.StartAsync(options =>
            options.MaxJsonDepth = isDefault ? options.MaxJsonDepth : depth);
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");

        await client.SendAsync("\"1\"", "\"2\"", "room:a", "ok", Nested(depth - 1));
        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
        await client.SendAsync("\"1\"", "\"3\"", "room:a", "ok", Nested(depth));

        await client.AssertEndAsync(1011);
    }

    private static string Nested(int levels) =>
        string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels);

    private static Task<PhoenixApp> StartAsync(int burst, int perSecond, TimeProvider? time = null) =>
        PhoenixApp.StartAsync(
            options =>
            {
                options.MaxMessageBurst = burst;
                options.MaxMessagesPerSecond = perSecond;
                options.IdleTimeout = TimeSpan.FromHours(1);
                options.LongPollWindow = TimeSpan.FromHours(1);
            },
            time: time ?? new FakeTimeProvider());
}
