using System.Text;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Protocol.PubSub;

/// <summary>
/// Broadcasts: docs/protocol.md, "Messages" and "Broadcasts"; docs/design.md, "Subscribe held, read, reply, release".
/// </summary>
public sealed class BroadcastTests
{
    [Theory]
    [InlineData(Wire.V1WebSocket, Wire.V2WebSocket)]
    [InlineData(Wire.V1LongPoll, Wire.V2LongPoll)]
    public async Task Broadcast_reaches_V1_and_V2_subscribers_without_refs(Wire oneWire, Wire otherWire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var v1 = await app.ConnectAsync(oneWire);
        using var v2 = await app.ConnectAsync(otherWire);
        await v1.JoinAsync("room:a");
        await v2.JoinAsync("room:a");

        app.Endpoint.Broadcast("room:a", "news", Json("""{"text":"æ \"☕\""}"""));

        Assert.Equal("""[null,null,"room:a","news",{"text":"æ \"☕\""}]""", await v2.ReadTextAsync());
        var message = await v1.ReceiveAsync();
        Assert.Equal(("room:a", "news", null), (message.Topic, message.Event, message.Ref));
        Assert.Equal("æ \"☕\"", (string?)message.Payload?["text"]);
    }

    [Theory]
    [EachWire]
    public async Task Broadcast_reaches_only_its_topic(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");
        await client.JoinAsync("room:b", "\"2\"");

        app.Endpoint.Broadcast("room:c", "news", default);
        app.Endpoint.Broadcast("room:b", "news", default);

        Assert.Equal("room:b", (await client.ReceiveAsync()).Topic);
        await client.AssertSilentAsync();
    }

    [Theory]
    [EachWire("")]
    [EachWire("local_")] // on a single node the outcome is the same
    public async Task Channel_broadcasts_to_all_or_to_all_others(Wire wire, string local)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var one = await app.ConnectAsync(wire);
        using var other = await app.ConnectAsync(wire);
        await one.JoinAsync("room:a");
        await other.JoinAsync("room:a");

        await one.SendAsync("\"1\"", "\"2\"", "room:a", local + "shout", """{"n":1}""");
        Assert.Equal("shout", (await one.ReceiveAsync()).Event);
        Assert.Equal("phx_reply", (await one.ReceiveAsync()).Event);
        await one.SendAsync("\"1\"", "\"3\"", "room:a", local + "shout_from", """{"n":2}""");
        Assert.Equal("phx_reply", (await one.ReceiveAsync()).Event);

        Assert.Equal(1, (int?)(await other.ReceiveAsync()).Payload?["n"]);
        Assert.Equal(2, (int?)(await other.ReceiveAsync()).Payload?["n"]);
        await one.AssertSilentAsync();
    }

    [Theory]
    [EachWire(100)]
    [EachWire(126)]
    [EachWire(5_000)]
    [EachWire(70_000)]
    [EachWire(3_000_000)]
    public async Task Payloads_of_every_frame_length_arrive_whole(Wire wire, int length)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");
        var text = new string('x', length);

        app.Endpoint.Broadcast("room:a", "news", Json($$"""{"text":"{{text}}"}"""));

        Assert.Equal(text, (string?)(await client.ReceiveAsync()).Payload?["text"]);
    }

    [Theory]
    [EachWire]
    public async Task Broadcasts_keep_their_order(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");

        for (var i = 0; i < 2000; i++)
        {
            app.Endpoint.Broadcast("room:a", "news", Json($$"""{"n":{{i}}}"""));
        }

        for (var i = 0; i < 2000; i++)
        {
            Assert.Equal(i, (int)(await client.ReceiveAsync()).Payload!["n"]!);
        }
    }

    [Theory]
    [EachWire]
    public async Task Broadcast_during_a_join_comes_after_its_reply(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.SendAsync("\"1\"", "\"1\"", "room:a", "phx_join", """{"wait":"g"}""");
        Assert.Equal("joining room:a", app.State.NextEvent());

        app.Endpoint.Broadcast("room:a", "news", default);
        app.State.Open("g");

        Assert.Equal("phx_reply", (await client.ReceiveAsync()).Event);
        Assert.Equal("news", (await client.ReceiveAsync()).Event);
    }

    [Fact]
    public async Task Broadcast_by_a_joining_channel_reaches_others_at_once_and_itself_after_the_reply()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var other = await app.ConnectAsync();
        using var joining = await app.ConnectAsync();
        await other.JoinAsync("room:a");

        await joining.SendAsync("\"1\"", "\"1\"", "room:a", "phx_join", """{"shout":1,"wait":"g"}""");

        Assert.Equal("shout", (await other.ReceiveAsync()).Event);
        app.State.Open("g");
        Assert.Equal("phx_reply", (await joining.ReceiveAsync()).Event);
        Assert.Equal("shout", (await joining.ReceiveAsync()).Event);
    }

    [Fact]
    public async Task Local_broadcast_reaches_every_subscriber_on_this_node()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");

        app.Endpoint.LocalBroadcast("room:a", "news", default);

        Assert.Equal("""[null,null,"room:a","news",{}]""", await client.Frames.ReadTextAsync());
    }

    [Theory]
    [EachWire]
    public async Task Join_gets_exactly_the_positioned_broadcasts_after_its_snapshot(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        Announce(app, 1);
        await client.SendAsync("\"1\"", "\"1\"", "room:a", "phx_join", """{"wait":"g","position":4}""");
        Assert.Equal("joining room:a", app.State.NextEvent());
        Announce(app, 2, 3);
        app.State.Open("g");
        Assert.Equal("phx_reply", (await client.ReceiveAsync()).Event);

        // The snapshot is newer than the broadcasts so far: it contains 4, too.
        Announce(app, 4, 5, 6);

        Assert.Equal(5, (int?)(await client.ReceiveAsync()).Payload?["n"]);
        Assert.Equal(6, (int?)(await client.ReceiveAsync()).Payload?["n"]);
        await client.AssertSilentAsync();
    }

    [Fact]
    public async Task Payload_that_is_not_an_object_throws_for_the_sender()
    {
        await using var app = await PhoenixApp.StartAsync();

        Assert.Throws<ArgumentException>(() => app.Endpoint.Broadcast("room:a", "news", Json("[1]")));
        app.Endpoint.Broadcast("room:a", "news", Json(" {}"));
    }

    private static void Announce(PhoenixApp app, params int[] positions)
    {
        foreach (var position in positions)
        {
            app.Endpoint.Broadcast("room:a", "news", Json($$"""{"n":{{position}}}"""), position);
        }
    }

    private static Payload Json(string json) => Payload.FromJson(Encoding.UTF8.GetBytes(json));
}
