using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Channels;

/// <summary>The last join wins: docs/protocol.md, "Joining"; reference transcript W139-W144.</summary>
public sealed class DuplicateJoinTests
{
    [Theory]
    [EachWire]
    public async Task Duplicate_join_closes_the_first_channel_after_the_new_reply(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");

        var reply = await client.JoinAsync("room:a", "\"2\"");
        var closed = await client.ReceiveAsync();

        Assert.Equal(("ok", "\"2\""), (reply.Status, reply.Ref?.ToJsonString()));
        Assert.Equal(("phx_close", "\"1\""), (closed.Event, closed.Ref?.ToJsonString()));
        Assert.Equal("terminated room:a: DuplicateJoin", app.State.NextEvent());
    }

    [Theory]
    [EachWire]
    public async Task Broadcast_arrives_once_after_a_duplicate_join(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");
        await client.JoinAsync("room:a", "\"2\"");
        await client.ReceiveAsync();

        app.Endpoint.Broadcast("room:a", "news", default);

        Assert.Equal("news", (await client.ReceiveAsync()).Event);
        await client.AssertSilentAsync();
    }

    [Theory]
    [EachWire]
    public async Task Two_joins_in_one_burst_are_answered_in_order(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        await client.SendAsync("\"1\"", "\"1\"", "room:a", "phx_join");
        await client.SendAsync("\"2\"", "\"2\"", "room:a", "phx_join");

        Assert.Equal("\"1\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
        Assert.Equal("\"2\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
        Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);
    }

    [Theory]
    [EachWire]
    public async Task Pushes_and_leaves_with_the_old_join_ref_are_dropped(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");
        await client.JoinAsync("room:a", "\"2\"");
        await client.ReceiveAsync();

        await client.SendAsync("\"1\"", "\"3\"", "room:a", "echo");
        await client.SendAsync("\"1\"", "\"4\"", "room:a", "phx_leave");
        await client.SendAsync("\"2\"", "\"5\"", "room:a", "echo");

        Assert.Equal("\"5\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
    }

    [Theory]
    [EachWire]
    public async Task Second_join_that_is_refused_still_ends_the_first(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");

        var refused = await client.JoinAsync("room:a", "\"2\"", """{"deny":1}""");
        var closed = await client.ReceiveAsync();
        await client.SendAsync("\"1\"", "\"3\"", "room:a", "echo");

        Assert.Equal("error", refused.Status);
        Assert.Equal(("phx_close", "\"1\""), (closed.Event, closed.Ref?.ToJsonString()));
        Assert.Equal("unmatched topic", (await client.ReceiveAsync()).Reason); // W143
    }

    [Theory]
    [EachV2Wire]
    public async Task Next_join_abandons_a_handler_that_never_ends(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync(
            options => options.ChannelShutdownTimeout = TimeSpan.FromMilliseconds(1));
        app.Logs.Expect("crashed in"); // the handler crashes, and the clean-up may not be done within the millisecond
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");
        await client.SendAsync("\"1\"", "\"2\"", "room:a", "hang");
        Assert.Equal("hanging room:a", app.State.NextEvent());

        await client.SendAsync("\"3\"", "\"3\"", "room:a", "phx_join");
        var error = await client.ReceiveAsync();
        var joined = await client.ReceiveAsync();

        Assert.Equal(("phx_error", "\"1\""), (error.Event, error.JoinRef?.ToJsonString()));
        Assert.Equal(("ok", "\"3\""), (joined.Status, joined.Ref?.ToJsonString()));
        await client.SendAsync("\"3\"", "\"4\"", "room:a", "echo");
        Assert.Equal("\"4\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
    }

    [Theory]
    [EachWire]
    public async Task Many_joins_of_one_topic_by_many_sockets_leave_one_subscription_each(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.ConnectAsync(wire)));
        await Task.WhenAll(clients.Select(async client =>
        {
            for (var i = 0; i < 20; i++)
            {
                await client.SendAsync($"\"{i}\"", $"\"{i}\"", "room:a", "phx_join");
            }

            for (var i = 0; i < 39; i++)
            {
                await client.ReceiveAsync(); // 20 replies and 19 closes
            }
        }));

        app.Endpoint.Broadcast("room:a", "news", default);

        foreach (var client in clients)
        {
            Assert.Equal("news", (await client.ReceiveAsync()).Event);
            await client.AssertSilentAsync();
            client.Dispose();
        }
    }
}
