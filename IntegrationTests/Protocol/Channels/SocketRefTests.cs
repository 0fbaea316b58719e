using System.Collections.Frozen;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Protocol.Channels;

/// <summary>
/// Replies that come later: phoenix@167c469 <c>channel.ex</c>, reply/2 and socket_ref/1; <c>channel_test.exs</c>
/// 115-155.
/// </summary>
public sealed class SocketRefTests
{
    [Theory]
    [EachWire]
    public async Task Message_can_be_answered_after_its_handler_has_returned(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("later:a");
        await client.SendAsync("\"1\"", "\"2\"", "later:a", "later");
        await client.SendAsync("\"1\"", "\"3\"", "later:a", "later");
        var (first, second) = (app.State.NextRef(), app.State.NextRef());
        await client.AssertSilentAsync();

        second.Reply("teapot", Payload.FromJson("""{"n":2}"""));
        first.Reply("ok");

        var reply = await client.ReceiveAsync();
        Assert.Equal(("phx_reply", "\"3\"", "teapot"), (reply.Event, reply.Ref?.ToJsonString(), reply.Status));
        Assert.Equal("""{"n":2}""", reply.Response?.ToJsonString());
        Assert.Equal(wire.Version == 2 ? "\"1\"" : null, reply.JoinRef?.ToJsonString());
        reply = await client.ReceiveAsync();
        Assert.Equal(("\"2\"", "ok", "{}"), (reply.Ref?.ToJsonString(), reply.Status, reply.Response?.ToJsonString()));
    }

    [Fact]
    public async Task Later_reply_may_be_binary()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("later:a");
        await client.SendAsync("\"1\"", "\"2\"", "later:a", "later");

        app.State.NextRef().Reply("ok", Payload.FromBinary("efg"u8.ToArray()));

        Assert.Equal([1, 1, 1, 7, 2, .. "12later:aokefg"u8], (await client.Frames.ReadFrameAsync())!.Value.Payload);
    }

    [Theory]
    [EachTextWire]
    public async Task Later_binary_reply_reaches_a_client_without_binary_support_as_an_error(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect("could not be sent a binary payload");
        using var client = await app.ConnectAsync(wire);
        await client.JoinAsync("later:a");
        await client.SendAsync("\"1\"", "\"2\"", "later:a", "later");

        app.State.NextRef().Reply("ok", Payload.FromBinary("efg"u8.ToArray()));

        Assert.Equal("binary payloads need vsn 2.0.x over a WebSocket", (await client.ReceiveAsync()).Reason);
    }

    [Fact]
    public async Task SocketRef_throws_outside_of_HandleInAsync_and_for_a_message_without_a_ref()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();

        var joined = await client.JoinAsync("later:a");
        await client.SendAsync("\"1\"", "null", "later:a", "try");
        var withoutRef = await client.ReceiveAsync();
        await client.SendAsync("\"1\"", "\"2\"", "later:a", "try");
        var withRef = await client.ReceiveAsync();
        app.Endpoint.Broadcast("later:a", "out", default);
        var intercepted = await client.ReceiveAsync();

        Assert.Equal("InvalidOperationException", (string?)joined.Response?["thrown"]);
        Assert.Equal("InvalidOperationException", (string?)withoutRef.Payload?["thrown"]);
        Assert.Equal("{}", withRef.Payload?.ToJsonString());
        Assert.Equal("InvalidOperationException", (string?)intercepted.Payload?["thrown"]);
    }

    [Fact]
    public async Task Reply_after_the_end_of_the_channel_does_nothing()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("later:a");
        await client.SendAsync("\"1\"", "\"2\"", "later:a", "later");
        await client.SendAsync("\"1\"", "\"3\"", "later:a", "stop");
        Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);
        Assert.Equal("terminated later:a: Stopped", app.State.NextEvent());
        Assert.Equal("ok", (await client.JoinAsync("later:a", "\"4\"")).Status);

        app.State.NextRef().Reply("ok");
        app.State.NextRef().Reply("ok", Payload.FromBinary(new byte[1]));

        await client.AssertSilentAsync();
    }

    [Fact]
    public async Task Reply_after_the_end_of_the_socket_does_nothing()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("later:a");
        await client.SendAsync("\"1\"", "\"2\"", "later:a", "later");
        var socketRef = app.State.NextRef();
        client.Frames.Reset();
        Assert.Equal("terminated later:a: Closed", app.State.NextEvent());

        socketRef.Reply("ok");

        using var other = await app.ConnectAsync();
        await other.AssertSilentAsync();
    }

    [Fact]
    public async Task Replies_may_come_from_many_threads()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("later:a");
        for (var i = 0; i < 200; i++)
        {
            await client.SendAsync("\"1\"", $"{i}", "later:a", "later");
        }

        Parallel.For(0, 200, _ => app.State.NextRef().Reply("ok"));

        var refs = new List<int>();
        for (var i = 0; i < 200; i++)
        {
            refs.Add((int)(await client.ReceiveAsync()).Ref!);
        }

        Assert.Equal(Enumerable.Range(0, 200), refs.Order());
    }
}

/// <summary>Leaves its replies to the test.</summary>
internal sealed class LaterChannel(TestState state) : Channel
{
    private static readonly FrozenSet<string> Events = FrozenSet.Create("out");

    protected override IReadOnlySet<string> Intercepts => Events;

    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken) =>
        Task.FromResult(JoinResult.Ok(Try()));

    protected override async Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken)
    {
        await Task.Yield();
        switch (@event)
        {
            case "later":
                state.Refs.Add(SocketRef, CancellationToken.None);
                return PushResult.NoReply;
            case "stop":
                state.Refs.Add(SocketRef, CancellationToken.None);
                return PushResult.Stop();
            case "try":
                Push("tried", Try());
                return PushResult.NoReply;
            default: return UnknownEvent(@event);
        }
    }

    protected override Task HandleOutAsync(string @event, Payload payload, CancellationToken cancellationToken)
    {
        Push("tried", Try());
        return Task.CompletedTask;
    }

    protected override Task TerminateAsync(TerminateReason reason, CancellationToken cancellationToken)
    {
        state.Events.Add($"terminated {Topic}: {reason}", CancellationToken.None);
        return Task.CompletedTask;
    }

    private Payload Try()
    {
        try
        {
            _ = SocketRef;
            return Payload.Empty;
        }
        catch (InvalidOperationException exception)
        {
            return Payload.FromJson($$"""{"thrown":"{{exception.GetType().Name}}"}""");
        }
    }
}
