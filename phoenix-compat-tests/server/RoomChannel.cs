using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kaffediem.Protocol;

namespace Kaffediem.CompatServer;

/// <summary>Behaves as the parameters of the join and the events demand.</summary>
internal sealed partial class RoomChannel(ILogger<RoomChannel> logger) : Channel
{
    private static readonly byte[] Bytes = [0, 127, 128, 255];

    /// <summary>Refuses <c>{"deny": x}</c> with x, crashes on <c>{"crash": true}</c>, echoes everything else.</summary>
    protected override Task<JoinResult> JoinAsync(Payload @params, CancellationToken cancellationToken)
    {
        var element = @params.ToElement();
        return element.TryGetProperty("crash", out _)
            ? throw new AskedForException()
            : Task.FromResult(element.TryGetProperty("deny", out var response)
                ? JoinResult.Error(Json(response))
                : JoinResult.Ok(@params));
    }

    protected override Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken) =>
        Task.FromResult(HandleIn(@event, payload));

    /// <summary>Logs the end; tests wait for this line.</summary>
    protected override Task TerminateAsync(TerminateReason reason, CancellationToken cancellationToken)
    {
        Log.Ended(logger, Topic, reason);
        return Task.CompletedTask;
    }

    private PushResult HandleIn(string @event, Payload payload)
    {
        switch (@event)
        {
            case "echo": return PushResult.Ok(payload);
            case "error": return PushResult.Error(payload);
            case "teapot": return PushResult.Reply("teapot", payload);
            case "silent": return PushResult.NoReply;
            case "crash": throw new AskedForException();
            case "stop": return PushResult.Stop(PushResult.Ok(payload));
            case "shout": Broadcast("shouted", payload); return PushResult.Ok();
            case "shout_from": BroadcastFrom("shouted", payload); return PushResult.Ok();
            case "push": Push("pushed", payload); return PushResult.Ok();
            case "bytes": return PushResult.Ok(Payload.FromBinary(Bytes));
            case "whoami": return PushResult.Ok(WhoAmI());
            default: return UnknownEvent(@event);
        }
    }

    private Payload WhoAmI()
    {
        var info = ((CompatSocket)Socket).ConnectInfo!;
        var answer = new JsonObject { ["token"] = info.AuthToken, ["transport"] = info.Transport };
        return Payload.FromJson(Encoding.UTF8.GetBytes(answer.ToJsonString()));
    }

    private static Payload Json(JsonElement element) =>
        Payload.FromJson(JsonMarshal.GetRawUtf8Value(element).ToArray());

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Topic} ended: {Reason}")]
        public static partial void Ended(ILogger logger, string topic, TerminateReason reason);
    }
}
