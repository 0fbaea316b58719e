using System.Text;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Protocol.Channels;

/// <summary>
/// A channel's subscription ends before the channel does: Phoenix unsubscribes a channel that stops, and one whose join
/// fails never subscribes (phoenix@167c469 lib/phoenix/channel/server.ex).
/// </summary>
public sealed class EndedChannelTests
{
    [Theory]
    [EachWire("phx_leave", "phx_reply phx_close")]
    [EachWire("stop", "phx_reply phx_close")]
    [EachWire("crash", "phx_error")]
    [EachWire("phx_join", "phx_reply phx_close")] // a duplicate join: the reply comes from the new channel
    public async Task Broadcast_while_a_channel_terminates_does_not_reach_its_client(
        Wire wire, string @event, string answers)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect("crashed in \"crash\"");
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:slow_end");
        await client.SendAsync("\"1\"", "\"2\"", "room:slow_end", @event);
        Assert.Equal("terminating room:slow_end", app.State.NextEvent());

        app.Endpoint.Broadcast("room:slow_end", "news", default);
        app.State.Open("end");

        foreach (var answer in answers.Split(' '))
        {
            Assert.Equal(answer, (await client.ReceiveAsync()).Event);
        }

        await client.AssertSilentAsync();
    }

    [Theory]
    [EachWire("""{"deny":1}""")]
    [EachWire("""{"crash":1}""")]
    public async Task Failed_join_leaves_no_subscription_behind(Wire wire, string payload)
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxOutboxBytes = 10_000);
        app.Logs.Expect("crashed in \"phx_join\"");
        using var client = await app.ConnectAsync(wire);

        Assert.Equal("error", (await client.JoinAsync("room:a", payload: payload)).Status);

        // A subscription that stays held would close the socket with 1013 as soon as the held broadcasts no longer fit
        // its outbox.
        for (var i = 0; i < 20; i++)
        {
            app.Endpoint.Broadcast("room:a", "news", Text(1000));
        }

        Assert.Empty(GroupsOf(app, "room:a"));
        await client.AssertSilentAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Join_that_the_next_one_cuts_short_leaves_no_subscription_behind(int version)
    {
        await using var app = await PhoenixApp.StartAsync(
            options => options.ChannelShutdownTimeout = TimeSpan.FromMilliseconds(1));
        app.Logs.Expect("crashed in \"phx_join\"");
        using var client = await app.ConnectAsync(version);
        await client.SendAsync("\"1\"", "\"1\"", "room:a", "phx_join", """{"wait":"never"}""");
        Assert.Equal("joining room:a", app.State.NextEvent());

        await client.SendAsync("\"2\"", "\"2\"", "room:a", "phx_join", """{"deny":1}""");

        Assert.Equal("join crashed", (await client.ReceiveAsync()).Reason);
        Assert.Equal("error", (await client.ReceiveAsync()).Status);
        Assert.Empty(GroupsOf(app, "room:a"));
    }

    [Fact]
    public async Task Join_of_a_client_that_disconnects_leaves_no_subscription_behind()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var meter = new MeterReader(app);
        using var client = await app.ConnectAsync();
        await client.SendAsync("\"1\"", "\"1\"", "room:a", "phx_join", """{"wait":"never"}""");
        Assert.Equal("joining room:a", app.State.NextEvent());

        client.Frames.Reset();

        await meter.ReachAsync("phoenix.joins outcome=cut short", 1);
        Assert.Empty(GroupsOf(app, "room:a"));
    }

    // Otherwise a client could leave a thousand useless joins behind with every connection.
    [Fact]
    public async Task Joins_that_wait_when_their_client_disconnects_are_not_begun()
    {
        await using var app = await PhoenixApp.StartAsync(options => options.ChannelShutdownTimeout = Patience.Limit);
        using var meter = new MeterReader(app);
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");
        for (var i = 2; i < 52; i++)
        {
            await client.SendAsync($"\"{i}\"", $"\"{i}\"", "room:a", "phx_join", """{"wait":"never"}""");
        }

        await client.SendAsync(null, "\"52\"", "phoenix", "heartbeat");
        Assert.Equal("\"52\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
        Assert.Equal("terminated room:a: DuplicateJoin", app.State.NextEvent());
        Assert.Equal("joining room:a", app.State.NextEvent());

        client.Frames.Reset();

        await meter.ReachAsync("phoenix.joins outcome=cut short", 50);
        Assert.Empty(app.State.Events);
    }

    // The payload of a broadcast is requested once for each group that has subscribers.
    private static List<object?> GroupsOf(PhoenixApp app, string topic)
    {
        List<object?> groups = [];
        app.Endpoint.Broadcast(topic, "news", 1, group =>
        {
            groups.Add(group);
            return null;
        });
        return groups;
    }

    private static Payload Text(int length) =>
        Payload.FromJson(Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', length)}}"}"""));
}
