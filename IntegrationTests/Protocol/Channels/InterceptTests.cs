using System.Text;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Protocol.Channels;

/// <summary>
/// Intercepted broadcasts: docs/protocol.md, "Broadcasts"; phoenix@167c469 <c>channel.ex</c>, intercept/1 and
/// handle_out/3.
/// </summary>
public sealed class InterceptTests
{
    [Theory]
    [EachWire]
    public async Task Intercepted_broadcast_is_rewritten_for_one_client_and_withheld_from_another(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var ann = await app.ConnectAsync(wire);
        using var bob = await app.ConnectAsync(wire);
        await ann.JoinAsync("intercept:a", payload: """{"name":"ann"}""");
        await bob.JoinAsync("intercept:a", payload: """{"name":"bob"}""");

        app.Endpoint.Broadcast("intercept:a", "whisper", Json("""{"to":"bob"}"""));
        app.Endpoint.Broadcast("intercept:a", "whisper", Json("""{"to":"ann"}"""));

        Assert.Equal(("whispered", "bob"), EventAndReceiver(await bob.ReceiveAsync()));
        var message = await ann.ReceiveAsync();
        Assert.Equal(("whispered", "ann"), EventAndReceiver(message));
        // It is a push, so it has a join_ref.
        Assert.Equal(wire.Version == 2 ? "\"1\"" : null, message.JoinRef?.ToJsonString());
    }

    [Fact]
    public async Task Intercepted_broadcast_without_a_handler_is_pushed_on()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("intercept:a");

        app.Endpoint.Broadcast("intercept:a", "pass_on", Json("""{"n":1}"""));

        Assert.Equal("""["1",null,"intercept:a","pass_on",{"n":1}]""", await client.Frames.ReadTextAsync());
    }

    [Fact]
    public async Task Other_channels_on_the_topic_get_the_broadcast_unchanged()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var intercepting = await app.ConnectAsync();
        using var plain = await WireClient.ConnectAsync(app.Address, path: "/plain");
        await intercepting.JoinAsync("intercept:a");
        await plain.JoinAsync("intercept:a");

        app.Endpoint.Broadcast("intercept:a", "whisper", Json("""{"to":"somebody"}"""));
        app.Endpoint.Broadcast("intercept:a", "news", Json("""{"n":1}"""));

        Assert.Equal("""[null,null,"intercept:a","whisper",{"to":"somebody"}]""", await plain.Frames.ReadTextAsync());
        Assert.Equal("""[null,null,"intercept:a","news",{"n":1}]""", await plain.Frames.ReadTextAsync());
        Assert.Equal("""[null,null,"intercept:a","news",{"n":1}]""", await intercepting.Frames.ReadTextAsync());
    }

    [Fact]
    public async Task Intercepted_broadcasts_keep_their_order_before_and_after_the_join()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.SendAsync("\"1\"", "\"1\"", "intercept:a", "phx_join", """{"wait":"g"}""");
        Assert.Equal("joining intercept:a", app.State.NextEvent());
        Announce(app, 0, 250);
        app.State.Open("g");
        Announce(app, 250, 250);

        Assert.Equal("phx_reply", (await client.ReceiveAsync()).Event);
        for (var i = 0; i < 500; i++)
        {
            Assert.Equal(i, (int)(await client.ReceiveAsync()).Payload!["n"]!);
        }
    }

    [Fact]
    public async Task Broadcast_that_the_snapshot_contains_is_not_intercepted()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.SendAsync("\"1\"", "\"1\"", "intercept:a", "phx_join", """{"wait":"g","position":4}""");
        Assert.Equal("joining intercept:a", app.State.NextEvent());

        for (var i = 3; i <= 6; i++)
        {
            app.Endpoint.Broadcast("intercept:a", "pass_on", Json($$"""{"n":{{i}}}"""), i);
            if (i == 5)
            {
                app.State.Open("g");
            }
        }

        Assert.Equal("phx_reply", (await client.ReceiveAsync()).Event);
        Assert.Equal(5, (int?)(await client.ReceiveAsync()).Payload?["n"]);
        Assert.Equal(6, (int?)(await client.ReceiveAsync()).Payload?["n"]);
        await client.AssertSilentAsync();
    }

    [Fact]
    public async Task Intercepted_broadcast_waits_for_the_running_handler_and_other_broadcasts_overtake_it()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("intercept:a");
        await client.SendAsync("\"1\"", "\"2\"", "intercept:a", "gate");
        Assert.Equal("waiting intercept:a", app.State.NextEvent());

        app.Endpoint.Broadcast("intercept:a", "pass_on", default);
        app.Endpoint.Broadcast("intercept:a", "news", default);

        Assert.Equal("news", (await client.ReceiveAsync()).Event);
        app.State.Open("gate");
        Assert.Equal("phx_reply", (await client.ReceiveAsync()).Event);
        Assert.Equal("pass_on", (await client.ReceiveAsync()).Event);
    }

    [Fact]
    public async Task Intercepted_broadcast_that_waits_when_the_client_leaves_is_dropped()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("intercept:a");
        await client.SendAsync("\"1\"", "\"2\"", "intercept:a", "gate");
        Assert.Equal("waiting intercept:a", app.State.NextEvent());
        await client.SendAsync("\"1\"", "\"3\"", "intercept:a", "phx_leave");
        await client.SendAsync("\"4\"", "\"4\"", "intercept:a", "phx_join");
        await client.AssertSilentAsync(); // both messages have arrived

        app.Endpoint.Broadcast("intercept:a", "pass_on", default); // still joined, but queued behind the leave
        app.State.Open("gate");

        Assert.Equal("\"2\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
        Assert.Equal("\"3\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
        Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);
        Assert.Equal("\"4\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
        await client.AssertSilentAsync();
    }

    [Fact]
    public async Task Only_the_client_whose_channel_cannot_keep_up_is_cut_off()
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxQueuedMessages = 3);
        using var client = await app.ConnectAsync();
        using var other = await app.ConnectAsync();
        await client.JoinAsync("intercept:a");
        await other.JoinAsync("intercept:a");
        await client.SendAsync("\"1\"", "\"2\"", "intercept:a", "gate");
        Assert.Equal("waiting intercept:a", app.State.NextEvent());

        for (var i = 0; i < 4; i++)
        {
            app.Endpoint.Broadcast("intercept:a", "pass_on", default);
            Assert.Equal("pass_on", (await other.ReceiveAsync()).Event);
        }

        Assert.Equal(1013, await client.Frames.ReadCloseCodeAsync());
        await other.AssertSilentAsync();
    }

    [Fact]
    public async Task Crash_in_HandleOutAsync_sends_phx_error_and_ends_only_that_channel()
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect("A channel of topic \"intercept:a\" crashed in \"crash\"");
        using var client = await app.ConnectAsync();
        await client.JoinAsync("intercept:a");
        await client.JoinAsync("intercept:b", "\"2\"");

        app.Endpoint.Broadcast("intercept:a", "crash", default);

        Assert.Equal(
            """["1","1","intercept:a","phx_error",{"reason":"channel_crash"}]""", await client.Frames.ReadTextAsync());
        Assert.Equal("terminated intercept:a: Crashed", app.State.NextEvent());
        app.Endpoint.Broadcast("intercept:b", "pass_on", default);
        Assert.Equal("intercept:b", (await client.ReceiveAsync()).Topic);
    }

    [Fact]
    public async Task HandleOutAsync_may_stop_its_channel()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("intercept:a");

        app.Endpoint.Broadcast("intercept:a", "stop", default);

        Assert.Equal("""["1","1","intercept:a","phx_close",{}]""", await client.Frames.ReadTextAsync());
        Assert.Equal("terminated intercept:a: Stopped", app.State.NextEvent());
        Assert.Equal("ok", (await client.JoinAsync("intercept:a", "\"2\"")).Status);
        await client.AssertSilentAsync();
    }

    [Theory]
    [EachTextWire]
    public async Task Intercepted_binary_broadcast_can_be_sent_as_JSON_to_a_client_without_binary_support(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect("could not be sent a binary payload");
        using var client = await app.ConnectAsync(wire);
        using var other = await app.ConnectAsync();
        await client.JoinAsync("intercept:a");
        await other.JoinAsync("intercept:a");

        app.Endpoint.Broadcast("intercept:a", "as_text", Payload.FromBinary("efg"u8.ToArray()));
        app.Endpoint.Broadcast("intercept:a", "pass_on", Payload.FromBinary("hij"u8.ToArray()));

        Assert.True((bool?)(await client.ReceiveAsync()).Payload?["text"]);
        var error = await client.ReceiveAsync();
        Assert.Equal(
            ("phx_error", "binary payloads need vsn 2.0.x over a WebSocket"),
            (error.Event, (string?)error.Payload?["reason"]));
        Assert.Equal(
            [0, 1, 11, 7, .. "1intercept:aas_textefg"u8], (await other.Frames.ReadFrameAsync())!.Value.Payload);
        Assert.Equal(
            [0, 1, 11, 7, .. "1intercept:apass_onhij"u8], (await other.Frames.ReadFrameAsync())!.Value.Payload);
    }

    private static void Announce(PhoenixApp app, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            app.Endpoint.Broadcast("intercept:a", "pass_on", Json($$"""{"n":{{i}}}"""));
        }
    }

    private static (string? Event, string? Receiver) EventAndReceiver(WireMessage message) =>
        (message.Event, (string?)message.Payload?["to"]);

    private static Payload Json(string json) => Payload.FromJson(Encoding.UTF8.GetBytes(json));
}
