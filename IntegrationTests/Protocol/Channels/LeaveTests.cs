using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Channels;

/// <summary>phx_leave: docs/protocol.md, "Events"; reference transcript W126-W138.</summary>
public sealed class LeaveTests
{
    [Theory]
    [EachWire]
    public async Task Leave_is_answered_and_then_closed(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");

        await client.SendAsync("\"1\"", "\"2\"", "room:a", "phx_leave");
        var left = await client.ReceiveAsync();
        var closed = await client.ReceiveAsync();

        Assert.Equal(("ok", "\"2\"", "{}"), (left.Status, left.Ref?.ToJsonString(), left.Response?.ToJsonString()));
        Assert.Equal(
            ("phx_close", "\"1\"", "{}"), (closed.Event, closed.Ref?.ToJsonString(), closed.Payload?.ToJsonString()));
        Assert.Equal("terminated room:a: Left", app.State.NextEvent());
    }

    [Theory]
    [EachV1Wire]
    public async Task V1_leave_without_join_ref_is_closed_with_a_null_ref(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.SendTextAsync("""{"topic":"room:a","event":"phx_join","payload":{},"ref":"1"}""");
        await client.ReceiveAsync();

        await client.SendTextAsync("""{"topic":"room:a","event":"phx_leave","payload":{},"ref":"2"}""");
        await client.ReceiveAsync();

        Assert.Null((await client.ReceiveAsync()).Ref); // W215
    }

    [Theory]
    [EachV2Wire]
    public async Task Leave_with_a_null_join_ref_counts(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");

        await client.SendAsync(null, "\"2\"", "room:a", "phx_leave");

        Assert.Equal("\"1\"", (await client.ReceiveAsync()).JoinRef?.ToJsonString());
        Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);
    }

    [Theory]
    [EachWire]
    public async Task Stale_leave_is_dropped_silently(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a", "\"2\"");

        await client.SendAsync("\"1\"", "\"3\"", "room:a", "phx_leave");
        await client.AssertSilentAsync();
        await client.SendAsync("\"2\"", "\"4\"", "room:a", "ok");

        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
    }

    [Theory]
    [EachV2Wire("room:a", "\"9\"")]
    [EachV2Wire("room:a", null)]
    [EachV2Wire("nope", null)]
    [EachV2Wire("phoenix", null)]
    public async Task Leave_of_a_topic_that_is_not_joined_returns_ok(Wire wire, string topic, string? joinRef)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        await client.SendAsync(joinRef, "\"3\"", topic, "phx_leave");
        var reply = await client.ReceiveAsync();

        Assert.Equal(("ok", joinRef), (reply.Status, reply.JoinRef?.ToJsonString()));
    }

    [Theory]
    [EachWire]
    public async Task Two_leaves_in_one_burst_are_both_answered(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");

        await client.SendAsync("\"1\"", "\"2\"", "room:a", "phx_leave");
        await client.SendAsync("\"1\"", "\"3\"", "room:a", "phx_leave");

        Assert.Equal("\"2\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
        Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);
        Assert.Equal("\"3\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
    }

    [Theory]
    [EachWire]
    public async Task Leave_and_join_in_one_burst_end_joined(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");

        await client.SendAsync("\"1\"", "\"2\"", "room:a", "phx_leave");
        await client.SendAsync("\"3\"", "\"3\"", "room:a", "phx_join");

        Assert.Equal("\"2\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
        Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);
        Assert.Equal("\"3\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
        app.Endpoint.Broadcast("room:a", "news", default);
        Assert.Equal("news", (await client.ReceiveAsync()).Event);
    }

    [Theory]
    [EachV2Wire]
    public async Task Broadcast_does_not_arrive_and_push_is_unmatched_after_a_leave(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");
        await client.SendAsync("\"1\"", "\"2\"", "room:a", "phx_leave");
        await client.ReceiveAsync();
        await client.ReceiveAsync();

        app.Endpoint.Broadcast("room:a", "news", default);
        await client.SendAsync("\"1\"", "\"3\"", "room:a", "echo");
        var reply = await client.ReceiveAsync();

        Assert.Equal(("unmatched topic", null), (reply.Reason, reply.JoinRef));
    }

    [Theory]
    [EachWire]
    public async Task Pushes_while_a_channel_terminates_come_after_the_close(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:farewell");

        await client.SendAsync("\"1\"", "\"2\"", "room:farewell", "phx_leave");

        Assert.Equal("phx_reply", (await client.ReceiveAsync()).Event);
        Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);
        Assert.Equal("farewell", (await client.ReceiveAsync()).Event);
    }
}
