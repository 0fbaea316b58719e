using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Support.Channels;

/// <summary>Sends binary payloads in every possible way.</summary>
internal sealed class BinaryChannel : Channel
{
    private static readonly Payload Bytes = Payload.FromBinary("efg"u8.ToArray());

    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        var parameters = payload.ToElement();
        if (parameters.TryGetProperty("push", out _))
        {
            Push("early", Bytes);
        }

        return Task.FromResult(parameters.TryGetProperty("reply", out _) ? JoinResult.Ok(Bytes) : JoinResult.Ok());
    }

    protected override Task<PushResult> HandleInAsync(
        string @event,
        Payload payload,
        CancellationToken cancellationToken) => Task.FromResult(Handle(@event, payload));

    private PushResult Handle(string @event, Payload payload)
    {
        switch (@event)
        {
            case "event": // what came in goes out in all three server layouts
                Push(@event, payload);
                Broadcast(@event, payload);
                return PushResult.Ok(payload);
            case "length": return PushResult.Ok(Payload.FromJson($$"""{"length":{{payload.Binary.Length}}}"""));
            case "takes": return PushResult.Ok(Payload.FromJson(SupportsBinary ? "true" : "false"));
            case "reply": return PushResult.Ok(Bytes);
            case "long_status": return PushResult.Reply(new string('s', 256), Bytes);
            case "stop": return PushResult.Stop(PushResult.Ok(Bytes));
            case "push": return Try(() => Push("pushed", Bytes));
            case "long_push": return Try(() => Push(new string('e', 256), Bytes));
            case "long_broadcast": return Try(() => Broadcast(new string('e', 256), Bytes));
            default: return UnknownEvent(@event);
        }
    }

    private static PushResult Try(Action send)
    {
        try
        {
            send();
            return PushResult.Ok();
        }
        catch (ArgumentException exception)
        {
            return PushResult.Error(Payload.FromJson($$"""{"argument":"{{exception.Message}}"}"""));
        }
        catch (NotSupportedException exception)
        {
            return PushResult.Error(Payload.FromJson($$"""{"not_supported":"{{exception.Message}}"}"""));
        }
    }
}
