using System.Runtime.InteropServices;
using System.Text.Json;
using Kaffediem.Protocol;

namespace Kaffediem.CompatServer;

/// <summary>Does what the join's parameters and the events say.</summary>
internal sealed class RoomChannel : Channel
{
    /// <summary><c>{"deny": x}</c> is refused with x, <c>{"crash": true}</c> crashes, all else is admitted and echoed.</summary>
    protected override Task<JoinResult> JoinAsync(Payload @params, CancellationToken cancellationToken)
    {
        var element = @params.ToElement();
        return element.TryGetProperty("crash", out _)
            ? throw Crash()
            : Task.FromResult(element.TryGetProperty("deny", out var response)
                ? JoinResult.Error(Json(response))
                : JoinResult.Ok(@params));
    }

    protected override Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken) => Task.FromResult(HandleIn(@event, payload));

    private PushResult HandleIn(string @event, Payload payload)
    {
        switch (@event)
        {
            case "echo": return PushResult.Ok(payload);
            case "error": return PushResult.Error(payload);
            case "teapot": return PushResult.Reply("teapot", payload);
            case "silent": return PushResult.NoReply;
            case "crash": throw Crash();
            case "stop": return PushResult.Stop(PushResult.Ok(payload));
            case "shout": Broadcast("shouted", payload); return PushResult.Ok();
            case "shout_from": BroadcastFrom("shouted", payload); return PushResult.Ok();
            case "push": Push("pushed", payload); return PushResult.Ok();
            default: return UnknownEvent(@event);
        }
    }

    private static InvalidOperationException Crash() => new("A test has asked for this.");

    private static Payload Json(JsonElement element) => Payload.FromJson(JsonMarshal.GetRawUtf8Value(element).ToArray());
}
