using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Channels;

/// <summary>phx_join: docs/protocol.md, "Events" and "Joining"; phoenix@167c469 websocket_channels_test.exs.</summary>
public sealed class JoinTests
{
    [Theory]
    [EachWire]
    public async Task Join_is_answered_with_its_refs(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        await client.SendAsync("\"7\"", "\"8\"", "room:a", "phx_join");
        var reply = await client.ReceiveAsync();

        Assert.Equal(("room:a", "phx_reply", "ok"), (reply.Topic, reply.Event, reply.Status));
        Assert.Equal("{}", reply.Response?.ToJsonString());
        Assert.Equal("\"8\"", reply.Ref?.ToJsonString());
        Assert.Equal(wire.Version == 2 ? "\"7\"" : null, reply.JoinRef?.ToJsonString());
    }

    [Theory]
    [EachWire]
    public async Task Join_reply_has_the_response_of_the_channel(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        var reply = await client.JoinAsync("room:a", payload: """{"reply":{"items":[1,"ø☕"]}}""");

        Assert.Equal("""[1,"ø☕"]""", reply.Response?["items"]?.ToJsonString(Json.Relaxed));
    }

    // Phoenix passes null on and the channel crashes (reference transcript W70); clients that omit the payload send
    // null.
    [Theory]
    [EachWire]
    public async Task Join_with_a_null_payload_has_no_parameters(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        var first = await client.JoinAsync("room:a", "\"1\"", "null");
        var again = await client.JoinAsync("room:b", "\"2\"", " null ");
        await client.SendAsync("\"1\"", "\"3\"", "room:a", "echo", "null");
        var echo = await client.ReceiveAsync();

        Assert.Equal(("ok", "ok"), (first.Status, again.Status));
        // A push keeps the null payload.
        Assert.Equal("ok", echo.Status);
        Assert.Null(echo.Response);
    }

    [Theory]
    [EachWire]
    public async Task Second_join_with_a_null_payload_replaces_the_first(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a", "\"1\"");

        var reply = await client.JoinAsync("room:a", "\"2\"", "null");
        var closed = await client.ReceiveAsync();

        Assert.Equal("ok", reply.Status);
        Assert.Equal("phx_close", closed.Event);
    }

    // Reference transcript W83-W89: any JSON value, echoed exactly, also in phx_close.
    [Theory]
    [EachV2Wire("1", "2")]
    [EachV2Wire("1.50", "1e2")]
    [EachV2Wire("\"\"", "\"\"")]
    [EachV2Wire("true", "false")]
    [EachV2Wire("{\"a\":1}", "[2]")]
    [EachV2Wire("\"x\\u0000\\u00e9\"", "\"\\/\"")]
    public async Task Refs_are_echoed_as_the_exact_JSON_received(Wire wire, string joinRef, string @ref)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        await client.SendAsync(joinRef, @ref, "room:a", "phx_join");
        var joined = await client.ReadTextAsync();
        await client.SendAsync(joinRef, @ref, "room:a", "phx_leave");
        var left = await client.ReadTextAsync();
        var closed = await client.ReadTextAsync();

        Assert.StartsWith($"""[{joinRef},{@ref},"room:a","phx_reply",""", joined, StringComparison.Ordinal);
        Assert.StartsWith($"""[{joinRef},{@ref},"room:a","phx_reply",""", left, StringComparison.Ordinal);
        Assert.Equal($$"""[{{joinRef}},{{joinRef}},"room:a","phx_close",{}]""", closed);
    }

    [Theory]
    [EachV2Wire]
    public async Task Null_join_ref_is_answered_with_null_and_pushes_have_the_ref(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        await client.SendAsync(null, "\"1\"", "room:a", "phx_join");
        var joined = await client.ReceiveAsync();
        await client.SendAsync(null, "\"2\"", "room:a", "push", """{"n":1}""");
        var pushed = await client.ReceiveAsync();
        var replied = await client.ReceiveAsync();
        await client.SendAsync(null, "\"3\"", "room:a", "phx_leave");
        var left = await client.ReceiveAsync();
        var closed = await client.ReceiveAsync();

        Assert.Null(joined.JoinRef);
        Assert.Equal(("pushed", "\"1\""), (pushed.Event, pushed.JoinRef?.ToJsonString()));
        Assert.Equal("\"1\"", replied.JoinRef?.ToJsonString());
        Assert.Equal("\"1\"", left.JoinRef?.ToJsonString());
        Assert.Equal(("phx_close", null, null), (closed.Event, closed.JoinRef, closed.Ref));
    }

    [Theory]
    [EachWire]
    public async Task Topic_without_a_route_is_unmatched_with_a_null_join_ref(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        foreach (var topic in new[] { "nope", "room", "Room:a", " room:a", "lobby:x", "phoenix", "" })
        {
            var reply = await client.JoinAsync(topic, "\"5\"");

            Assert.Equal(("error", "unmatched topic", topic), (reply.Status, reply.Reason, reply.Topic));
            Assert.Null(reply.JoinRef);
            Assert.Equal("\"5\"", reply.Ref?.ToJsonString());
        }
    }

    [Theory]
    [EachWire("room:")]
    [EachWire("room:a:b")]
    [EachWire("room:*")]
    [EachWire("room:ø/☕\"\\")]
    [EachWire("lobby")]
    public async Task Route_matches_its_topic_or_prefix(Wire wire, string topic)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        var reply = await client.JoinAsync(topic);

        Assert.Equal(("ok", topic), (reply.Status, reply.Topic));
    }

    // Reference transcript W160-W166.
    [Theory]
    [EachV2Wire("null")]
    [EachV2Wire("5")]
    [EachV2Wire("[\"phoenix\"]")]
    [EachV2Wire("{\"a\":1}")]
    public async Task Topic_that_is_not_a_string_is_unmatched_and_echoed(Wire wire, string topic)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        await client.SendTextAsync($$"""["1","2",{{topic}},"phx_join",{}]""");
        var reply = await client.ReadTextAsync();

        Assert.Equal(
            "[null,\"2\"," + topic + ""","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]""",
            reply);
    }

    [Theory]
    [EachV2Wire]
    public async Task Channel_101_is_refused_and_the_socket_stays_open(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal("ok", (await client.JoinAsync($"room:{i}", $"\"{i}\"")).Status);
        }

        var refused = await client.JoinAsync("room:100", "\"100\"");
        var again = await client.JoinAsync("room:5", "\"205\"");
        await client.ReceiveAsync(); // phx_close of the first join
        await client.SendAsync("\"6\"", "\"l\"", "room:6", "phx_leave");
        await client.ReceiveAsync();
        await client.ReceiveAsync();
        var afterLeave = await client.JoinAsync("room:100", "\"300\"");

        Assert.Equal(("error", "too many channels joined"), (refused.Status, refused.Reason));
        Assert.Equal("\"100\"", refused.JoinRef?.ToJsonString());
        Assert.Equal("ok", again.Status);
        Assert.Equal("ok", afterLeave.Status);
    }

    [Theory]
    [EachWire]
    public async Task Refused_join_is_answered_with_the_reason_and_creates_no_channel(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        var refused = await client.JoinAsync("room:a", payload: """{"deny":{"code":7}}""");
        await client.SendAsync("\"1\"", "\"2\"", "room:a", "echo");
        var pushed = await client.ReceiveAsync();
        app.Endpoint.Broadcast("room:a", "news", default);
        await client.AssertSilentAsync();

        Assert.Equal(("error", 7), (refused.Status, (int?)refused.Response?["why"]?["code"]));
        Assert.Equal("unmatched topic", pushed.Reason);
    }

    [Theory]
    [EachV2Wire("""{"crash":1}""")]
    [EachV2Wire("5")]
    [EachV2Wire("[]")]
    public async Task Crash_in_join_is_answered_and_ends_only_the_join(Wire wire, string payload)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect("crashed in \"phx_join\"");
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:other", "\"0\"");

        var crashed = await client.JoinAsync("room:a", payload: payload);
        var joined = await client.JoinAsync("room:a", "\"2\"");
        await client.SendAsync("\"0\"", "\"3\"", "room:other", "ok");

        Assert.Equal(
            ("error", "join crashed", "\"1\""), (crashed.Status, crashed.Reason, crashed.JoinRef?.ToJsonString()));
        Assert.DoesNotContain("secret", crashed.Payload!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("ok", joined.Status);
        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
        Assert.Equal(1, app.Logs.Count("crashed in \"phx_join\""));
    }

    [Theory]
    [EachV2Wire]
    public async Task Pushes_during_a_join_come_after_the_reply(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        var reply = await client.JoinAsync("room:a", payload: """{"push":1}""");
        var pushed = await client.ReceiveAsync();

        Assert.Equal("phx_reply", reply.Event);
        Assert.Equal(("early", "\"1\""), (pushed.Event, pushed.JoinRef?.ToJsonString()));
    }

    // Over long-poll the POST with a join waits for its answer, as in Phoenix; there is no heartbeat to delay.
    [Theory]
    [InlineData(Wire.V1WebSocket)]
    [InlineData(Wire.V2WebSocket)]
    public async Task Slow_join_delays_neither_the_heartbeat_nor_another_topic(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        await client.SendAsync("\"1\"", "\"1\"", "room:slow", "phx_join", """{"wait":"g"}""");
        Assert.Equal("joining room:slow", app.State.NextEvent());
        await client.AssertSilentAsync();
        Assert.Equal("room:b", (await client.JoinAsync("room:b", "\"2\"")).Topic);
        app.State.Open("g");

        Assert.Equal("room:slow", (await client.ReceiveAsync()).Topic);
    }

    [Theory]
    [EachWire]
    public async Task Messages_sent_during_a_join_are_handled_after_it_in_order(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        await client.SendAsync("\"1\"", "\"1\"", "room:a", "phx_join", """{"wait":"g"}""");
        for (var i = 2; i < 50; i++)
        {
            await client.SendAsync("\"1\"", $"\"{i}\"", "room:a", "echo", $$"""{"n":{{i}}}""");
        }

        await client.SendAsync("\"1\"", "\"50\"", "room:a", "phx_leave");
        app.State.Open("g");

        for (var i = 1; i <= 50; i++)
        {
            Assert.Equal($"\"{i}\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
        }

        Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);
    }

    [Theory]
    [EachWire]
    public async Task Messages_sent_during_a_failed_join_are_unmatched(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        await client.SendAsync("\"1\"", "\"1\"", "room:a", "phx_join", """{"wait":"g","deny":1}""");
        await client.SendAsync("\"1\"", "\"2\"", "room:a", "echo");
        await client.SendAsync("\"1\"", "\"3\"", "room:a", "phx_leave");
        app.State.Open("g");

        Assert.Equal("error", (await client.ReceiveAsync()).Status);
        Assert.Equal("unmatched topic", (await client.ReceiveAsync()).Reason);
        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
        await client.AssertSilentAsync();
    }
}
