using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Protocol.Limits;

/// <summary>
/// The limits of binary messages: fields over 255 bytes (docs/protocol.md, "Binary"; phoenix@167c469
/// <c>v2_json_serializer_test.exs</c> 157, 199, 219), and clients without binary support, those of V1 or long-poll, for
/// which this library has its own rule (<see cref="Channel.TakesBinary"/>).
/// </summary>
public sealed class BinaryLimitTests
{
    private const string Reason = "binary payloads need vsn 2.0.x over a WebSocket";
    private const string Warning = "could not be sent a binary payload";

    private static readonly Payload OneByte = Payload.FromBinary(new byte[] { 1 });

    public static TheoryData<string> RefsThatFitNoFrame => ["[1]", """{"a":1}""", $"\"{new string('x', 256)}\""];

    [Fact]
    public async Task Broadcast_with_an_oversized_field_throws_for_the_sender_and_is_not_sent()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("topic");

        var oversizedEvent = Assert.Throws<ArgumentException>(
            () => app.Endpoint.Broadcast("topic", new string('e', 256), OneByte));
        var oversizedTopic = Assert.Throws<ArgumentException>(
            () => app.Endpoint.Broadcast("binary:" + new string('ø', 125), "event", OneByte));
        app.Endpoint.Broadcast("topic", new string('e', 255), OneByte);

        Assert.Contains("event", oversizedEvent.Message, StringComparison.Ordinal);
        Assert.Contains("256", oversizedEvent.Message, StringComparison.Ordinal);
        Assert.Contains("topic", oversizedTopic.Message, StringComparison.Ordinal);
        Assert.Contains("257", oversizedTopic.Message, StringComparison.Ordinal);
        Assert.Equal(new byte[] { 2, 5, 255 }, (await client.Frames.ReadFrameAsync())!.Value.Payload[..3]);
        await client.AssertSilentAsync();
    }

    [Theory]
    [InlineData("long_push")]
    [InlineData("long_broadcast")]
    public async Task Oversized_field_throws_in_the_channels_own_call(string @event)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("topic");

        await client.SendAsync("\"1\"", "\"2\"", "topic", @event);

        Assert.Equal(
            "The event of a binary message may take 255 bytes of UTF-8; this one takes 256.",
            (string?)(await client.ReceiveAsync()).Response?["argument"]);
    }

    [Fact]
    public async Task Oversized_status_of_a_reply_is_a_crash()
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect("A channel of topic \"topic\" crashed in \"long_status\"");
        using var client = await app.ConnectAsync();
        await client.JoinAsync("topic");

        await client.SendAsync("\"1\"", "\"2\"", "topic", "long_status");

        Assert.Equal("phx_error", (await client.ReceiveAsync()).Event);
    }

    // The client chooses its refs, so it harms only its own channel.
    [Theory]
    [MemberData(nameof(RefsThatFitNoFrame))]
    public async Task Ref_that_does_not_fit_a_binary_frame_ends_its_channel(string @ref)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect("crashed in");
        using var client = await app.ConnectAsync();

        Assert.Equal("join crashed", (await client.JoinAsync("topic", @ref, """{"reply":true}""")).Reason);
        await client.JoinAsync("topic");
        await client.SendAsync("\"1\"", @ref, "topic", "reply");

        Assert.Equal("phx_error", (await client.ReceiveAsync()).Event);
        await client.AssertSilentAsync();
    }

    [Theory]
    [EachWire]
    public async Task Channel_knows_whether_its_client_supports_binary_payloads(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("topic");

        await client.SendAsync("\"1\"", "\"2\"", "topic", "takes");

        Assert.Equal(wire == Wire.V2WebSocket, (bool?)(await client.ReceiveAsync()).Response);
    }

    [Theory]
    [EachTextWire]
    public async Task Binary_reply_reaches_a_client_without_binary_support_as_an_error_and_is_logged_once(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect(Warning);
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("topic");

        for (var i = 2; i < 4; i++)
        {
            await client.SendAsync(null, $"\"{i}\"", "topic", "reply");
            var reply = await client.ReceiveAsync();
            Assert.Equal(("error", Reason, $"\"{i}\""), (reply.Status, reply.Reason, reply.Ref?.ToJsonString()));
        }

        await client.SendAsync(null, "\"4\"", "topic", "stop");
        Assert.Equal(Reason, (await client.ReceiveAsync()).Reason);
        Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);
        Assert.Equal(1, app.Logs.Count(Warning));
    }

    [Theory]
    [EachTextWire]
    public async Task Binary_join_reply_becomes_a_refusal_for_a_client_without_binary_support(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect(Warning);
        using var client = await app.ConnectAsync(wire);

        var reply = await client.JoinAsync("topic", payload: """{"reply":true}""");
        await client.SendAsync(null, "\"2\"", "topic", "takes");

        Assert.Equal(("error", Reason), (reply.Status, reply.Reason));
        Assert.Equal("unmatched topic", (await client.ReceiveAsync()).Reason);
    }

    [Theory]
    [EachTextWire]
    public async Task Binary_push_to_a_client_without_binary_support_throws(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect("crashed in \"phx_join\"");
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("topic");

        await client.SendAsync(null, "\"2\"", "topic", "push");

        Assert.Equal(
            "The client takes no binary payloads: they need vsn 2.0.x over a WebSocket.",
            (string?)(await client.ReceiveAsync()).Response?["not_supported"]);
        Assert.Equal("join crashed", (await client.JoinAsync("binary:a", payload: """{"push":true}""")).Reason);
    }

    [Theory]
    [EachTextWire]
    public async Task Binary_broadcast_ends_the_channel_of_a_client_without_binary_support_so_that_it_rejoins(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect(Warning);
        using var client = await app.ConnectAsync(wire);
        using var other = await app.ConnectAsync();
        await client.JoinAsync("room:a");
        await client.JoinAsync("room:b", "\"2\"");
        await other.JoinAsync("room:a");

        app.Endpoint.Broadcast("room:a", "news", OneByte);

        var error = await client.ReceiveAsync();
        Assert.Equal(("phx_error", "room:a", "\"1\""), (error.Event, error.Topic, error.Ref?.ToJsonString()));
        Assert.Equal(Reason, (string?)error.Payload?["reason"]);
        Assert.Equal("terminated room:a: Crashed", app.State.NextEvent());
        Assert.Equal([2, 6, 4, .. "room:anews"u8, 1], (await other.Frames.ReadFrameAsync())!.Value.Payload);
        Assert.Equal("ok", (await client.JoinAsync("room:a", "\"3\"")).Status);
        app.Endpoint.Broadcast("room:b", "news", default);
        Assert.Equal("room:b", (await client.ReceiveAsync()).Topic);
        await other.AssertSilentAsync();
    }

    [Theory]
    [EachTextWire]
    public async Task No_message_follows_a_missed_broadcast(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect(Warning);
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");
        await client.SendAsync(null, "\"2\"", "room:a", "wait", """{"gate":"g"}""");
        Assert.Equal("waiting room:a", app.State.NextEvent());

        app.Endpoint.Broadcast("room:a", "before", default);
        app.Endpoint.Broadcast("room:a", "news", OneByte);
        app.Endpoint.Broadcast("room:a", "after", default);
        app.State.Open("g");

        Assert.Equal("before", (await client.ReceiveAsync()).Event);
        Assert.Equal("\"2\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
        Assert.Equal("phx_error", (await client.ReceiveAsync()).Event);
        await client.AssertSilentAsync();
    }

    [Theory]
    [EachTextWire]
    public async Task Error_for_a_broadcast_missed_during_a_join_comes_after_the_reply(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect(Warning);
        using var client = await app.ConnectAsync(wire);
        await client.SendAsync(null, "\"1\"", "room:a", "phx_join", """{"wait":"g"}""");
        Assert.Equal("joining room:a", app.State.NextEvent());

        app.Endpoint.Broadcast("room:a", "news", OneByte);
        app.State.Open("g");

        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
        Assert.Equal("phx_error", (await client.ReceiveAsync()).Event);
    }

    [Theory]
    [EachTextWire]
    public async Task Binary_broadcast_that_the_snapshot_contains_ends_no_channel(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a", payload: """{"position":4}""");

        app.Endpoint.Broadcast("room:a", "news", OneByte, 4);
        app.Endpoint.Broadcast("room:a", "news", default, 5);

        Assert.Equal("news", (await client.ReceiveAsync()).Event);
        await client.AssertSilentAsync();
    }
}
