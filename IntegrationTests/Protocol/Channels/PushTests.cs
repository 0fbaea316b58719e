using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Channels;

/// <summary>Messages to a channel and their answers: docs/protocol.md, "Events".</summary>
public sealed class PushTests
{
    [Theory]
    [EachWire]
    public async Task Push_is_answered_with_its_refs_status_and_response(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");

        foreach (var (@event, status) in new[] { ("echo", "ok"), ("error", "error"), ("status", "teapot") })
        {
            await client.SendAsync("\"1\"", "\"2\"", "room:a", @event, """{"a":[1,null,"ø"]}""");
            var reply = await client.ReceiveAsync();

            Assert.Equal((status, "\"2\""), (reply.Status, reply.Ref?.ToJsonString()));
            Assert.Equal("""{"a":[1,null,"ø"]}""", reply.Response?.ToJsonString(Json.Relaxed));
        }
    }

    [Theory]
    [EachV2Wire("null")]
    [EachV2Wire("\"x\"")]
    [EachV2Wire("5")]
    [EachV2Wire("[]")]
    [EachV2Wire("123456789012345678901234567890")]
    public async Task Payload_may_be_any_JSON_value(Wire wire, string payload)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");

        await client.SendAsync("\"1\"", "\"2\"", "room:a", "echo", payload);

        Assert.Equal(
            """["1","2","room:a","phx_reply",{"status":"ok","response":""" + payload + "}]",
            await client.ReadTextAsync());
    }

    [Theory]
    [EachV2Wire]
    public async Task Push_with_a_null_join_ref_is_handled_under_the_channels_join_ref(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");

        await client.SendAsync(null, "\"2\"", "room:a", "ok");

        Assert.Equal("\"1\"", (await client.ReceiveAsync()).JoinRef?.ToJsonString());
    }

    [Theory]
    [EachWire]
    public async Task Push_with_a_stale_join_ref_is_dropped_silently(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");

        await client.SendAsync("\"99\"", "\"2\"", "room:a", "echo");

        await client.AssertSilentAsync();
    }

    [Theory]
    [EachWire]
    public async Task Push_to_a_topic_that_is_not_joined_is_unmatched(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");

        foreach (var topic in new[] { "room:b", "nope", "phoenix" })
        {
            foreach (var @event in new[] { "echo", "phx_close", "phx_error", "phx_reply", "" })
            {
                await client.SendAsync("\"1\"", "\"2\"", topic, @event);
                var reply = await client.ReceiveAsync();

                Assert.Equal(
                    ("error", "unmatched topic", "\"2\""), (reply.Status, reply.Reason, reply.Ref?.ToJsonString()));
                Assert.Null(reply.JoinRef);
            }
        }
    }

    [Theory]
    [EachWire]
    public async Task Handler_without_a_reply_sends_none(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");

        await client.SendAsync("\"1\"", "\"2\"", "room:a", "silent");
        await client.SendAsync("\"1\"", "\"3\"", "room:a", "ok");

        Assert.Equal("\"3\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
    }

    [Theory]
    [EachWire("room:a", "whatever")]
    [EachWire("default:a", "phx_close")]
    [EachWire("default:a", "heartbeat")]
    public async Task Unknown_event_is_answered_with_an_error_that_names_it(Wire wire, string topic, string @event)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync(topic);

        await client.SendAsync("\"1\"", "\"2\"", topic, @event);
        var reply = await client.ReceiveAsync();

        Assert.Equal(
            ("error", "unknown event", @event), (reply.Status, reply.Reason, (string?)reply.Response?["event"]));
    }

    [Theory]
    [EachWire]
    public async Task Crash_in_a_handler_sends_phx_error_and_ends_only_that_channel(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect("A channel of topic \"room:a\" crashed in \"crash\"");
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");
        await client.JoinAsync("room:b", "\"2\"");

        await client.SendAsync("\"1\"", "\"3\"", "room:a", "crash", """{"password":"hunter2"}""");
        var error = await client.ReceiveAsync();

        Assert.Equal(("phx_error", "\"1\"", "room:a"), (error.Event, error.Ref?.ToJsonString(), error.Topic));
        Assert.Equal("""{"reason":"channel_crash"}""", error.Payload?.ToJsonString());
        await client.SendAsync("\"1\"", "\"4\"", "room:a", "echo");
        Assert.Equal("unmatched topic", (await client.ReceiveAsync()).Reason);
        await client.SendAsync("\"2\"", "\"5\"", "room:b", "ok");
        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
        Assert.Equal("ok", (await client.JoinAsync("room:a", "\"6\"")).Status);
        Assert.Equal("terminated room:a: Crashed", app.State.NextEvent());
        Assert.Equal(1, app.Logs.Count("crashed in"));
        Assert.Equal(0, app.Logs.Count("hunter2"));
    }

    [Theory]
    [EachWire]
    public async Task Channel_that_stops_replies_and_is_closed(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        foreach (var @event in new[] { "stop", "stop_silently" })
        {
            await client.JoinAsync("room:a");
            await client.SendAsync("\"1\"", "\"2\"", "room:a", @event);
            if (@event == "stop")
            {
                Assert.Equal("ok", (await client.ReceiveAsync()).Status);
            }

            Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);
            Assert.Equal("terminated room:a: Stopped", app.State.NextEvent());
            await client.SendAsync("\"1\"", "\"3\"", "room:a", "echo");
            Assert.Equal("unmatched topic", (await client.ReceiveAsync()).Reason);
        }
    }

    [Theory]
    [EachWire]
    public async Task Slow_handler_delays_neither_the_heartbeat_nor_another_topic(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:slow");
        await client.JoinAsync("room:b", "\"2\"");

        await client.SendAsync("\"1\"", "\"3\"", "room:slow", "wait", """{"gate":"g"}""");
        Assert.Equal("waiting room:slow", app.State.NextEvent());
        await client.AssertSilentAsync();
        await client.SendAsync("\"2\"", "\"4\"", "room:b", "ok");
        Assert.Equal("\"4\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
        app.State.Open("g");

        Assert.Equal("\"3\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
    }

    [Theory]
    [EachWire]
    public async Task Messages_of_one_topic_are_handled_in_order(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");
        await client.JoinAsync("room:b", "\"2\"");

        for (var i = 0; i < 500; i++)
        {
            await client.SendAsync(null, $"{i}", i % 2 == 0 ? "room:a" : "room:b", "echo");
        }

        var refs = new Dictionary<string, List<int>> { ["room:a"] = [], ["room:b"] = [] };
        for (var i = 0; i < 500; i++)
        {
            var reply = await client.ReceiveAsync();
            refs[reply.Topic!].Add((int)reply.Ref!);
        }

        Assert.Equal(Enumerable.Range(0, 250).Select(i => i * 2), refs["room:a"]);
        Assert.Equal(Enumerable.Range(0, 250).Select(i => i * 2 + 1), refs["room:b"]);
    }

    [Theory]
    [EachWire]
    public async Task Pushes_beyond_a_full_mailbox_are_refused(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxQueuedMessages = 3);
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");
        await client.SendAsync("\"1\"", "\"0\"", "room:a", "wait", """{"gate":"g"}""");
        Assert.Equal("waiting room:a", app.State.NextEvent());

        for (var i = 1; i <= 4; i++)
        {
            await client.SendAsync("\"1\"", $"\"{i}\"", "room:a", "ok");
        }

        var refused = await client.ReceiveAsync();
        app.State.Open("g");

        Assert.Equal(("\"4\"", "too many messages waiting"), (refused.Ref?.ToJsonString(), refused.Reason));
        for (var i = 0; i <= 3; i++)
        {
            Assert.Equal($"\"{i}\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
        }
    }

    [Theory]
    [EachWire]
    public async Task Leaves_beyond_a_full_mailbox_close_the_socket(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxQueuedMessages = 3);
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");
        await client.SendAsync("\"1\"", "\"0\"", "room:a", "wait", """{"gate":"g"}""");
        Assert.Equal("waiting room:a", app.State.NextEvent());

        for (var i = 1; i <= 4; i++)
        {
            await client.SendAsync("\"1\"", $"\"{i}\"", "room:a", "phx_leave");
        }

        await client.AssertEndAsync(1008);
    }
}
