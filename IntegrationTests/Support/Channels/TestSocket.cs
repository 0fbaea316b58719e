using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Protocol.Channels;
using Kaffediem.IntegrationTests.Protocol.PubSub;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Support.Channels;

/// <summary>Does what its params say: <c>id</c>, <c>deny</c> (a status), <c>crash</c>, <c>wait</c> (a gate).</summary>
internal sealed class TestSocket(TestState state) : PhoenixSocket
{
    private static readonly ChannelRoutes Routes = new ChannelRoutes()
        .Channel<RoomChannel>("room:*")
        .Channel<RoomChannel>("lobby")
        .Channel<DefaultChannel>("default:*")
        .Channel<BinaryChannel>("topic")
        .Channel<BinaryChannel>("binary:*")
        .Channel<InterceptChannel>("intercept:*")
        .Channel<LaterChannel>("later:*")
        .Channel<AssignsChannel>("assigns:*")
        .Channel<GroupChannel>("group:*")
        .Channel<CrashingChannel>("crashing:*")
        .Channel<PresenceChannel>("presence:*");

    private string? _id;

    protected override string? Id => _id == "crash" ? throw new InvalidOperationException("secret") : _id;

    protected override ChannelRoutes Channels => Routes;

    protected override async Task<ConnectResult> ConnectAsync(
        JsonObject @params, ConnectInfo connectInfo, CancellationToken cancellationToken)
    {
        Assigns.Set("number", 1);
        state.Connects.Enqueue((@params, connectInfo));
        if ((string?)@params["wait"] is { } gate)
        {
            state.Events.Add("connecting", CancellationToken.None);
            await state.WaitAsync(gate, cancellationToken);
        }

        _id = (string?)@params["id"];
        return @params.ContainsKey("crash") ? throw new InvalidOperationException("secret")
            : (string?)@params["deny"] is not { } status ? ConnectResult.Ok()
            : status.Length == 0 ? ConnectResult.Refuse()
            : ConnectResult.Refuse(int.Parse(status, CultureInfo.InvariantCulture));
    }
}

/// <summary>Serves all topics with a channel that intercepts nothing.</summary>
internal sealed class PlainSocket : PhoenixSocket
{
    private static readonly ChannelRoutes Routes = new ChannelRoutes().Channel<DefaultChannel>("*");

    protected override ChannelRoutes Channels => Routes;
}

/// <summary>Overrides only what it must.</summary>
internal sealed class DefaultChannel : Channel
{
    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken) =>
        Task.FromResult(JoinResult.Ok());
}

/// <summary>Does what its messages say; the test decides when.</summary>
internal sealed class RoomChannel(TestState state) : Channel
{
    protected override async Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        var parameters = payload.ToElement();
        if (parameters.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidOperationException("join wants an object");
        }

        if (parameters.TryGetProperty("push", out _))
        {
            Push("early", Payload.FromJson("""{"early":true}"""));
        }

        if (parameters.TryGetProperty("shout", out _))
        {
            Broadcast("shout", payload);
        }

        if (parameters.TryGetProperty("wait", out var gate))
        {
            state.Events.Add($"joining {Topic}", CancellationToken.None);
            await state.WaitAsync(gate.GetString()!, cancellationToken);
        }

        if (parameters.TryGetProperty("hang", out var hang))
        {
            await state.WaitAsync(hang.GetString()!, CancellationToken.None);
        }

        return parameters.TryGetProperty("crash", out _) ? throw new InvalidOperationException("secret")
            : parameters.TryGetProperty("deny", out var reason)
                ? JoinResult.Error(Payload.FromJson($$"""{"why":{{reason.GetRawText()}}}"""))
            : parameters.TryGetProperty("position", out var position) ? JoinResult.Ok(payload, position.GetInt64())
            : parameters.TryGetProperty("reply", out var reply) ? JoinResult.Ok(Payload.FromJson(reply.GetRawText()))
            : JoinResult.Ok();
    }

    protected override async Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken)
    {
        switch (@event)
        {
            case "echo": return PushResult.Ok(payload);
            case "ok": return PushResult.Ok();
            case "error": return PushResult.Error(payload);
            case "status": return PushResult.Reply("teapot", payload);
            case "silent": return PushResult.NoReply;
            case "crash": throw new InvalidOperationException("secret");
            case "stop": return PushResult.Stop(PushResult.Ok(payload));
            case "stop_silently": return PushResult.Stop();
            case "shout": Broadcast("shout", payload); return PushResult.Ok();
            case "shout_from": BroadcastFrom("shout", payload); return PushResult.Ok();
            case "local_shout": LocalBroadcast("shout", payload); return PushResult.Ok();
            case "local_shout_from": LocalBroadcastFrom("shout", payload); return PushResult.Ok();
            case "push": Push("pushed", payload); return PushResult.Ok();
            case "wait":
                state.Events.Add($"waiting {Topic}", CancellationToken.None);
                await state.WaitAsync(payload.ToElement().GetProperty("gate").GetString()!, cancellationToken);
                return PushResult.Ok();
            case "hang":
                state.Events.Add($"hanging {Topic}", CancellationToken.None);
                await state.WaitAsync("never", CancellationToken.None);
                return PushResult.Ok();
            default: return UnknownEvent(@event);
        }
    }

    protected override async Task TerminateAsync(TerminateReason reason, CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested(); // termination takes a moment, which the token has to allow
        if (Topic == "room:slow_end")
        {
            state.Events.Add($"terminating {Topic}", CancellationToken.None);
            await state.WaitAsync("end", cancellationToken);
        }

        state.Events.Add($"terminated {Topic}: {reason}", CancellationToken.None);
        if (Topic == "room:farewell")
        {
            Push("farewell", Payload.Empty);
        }
    }
}
