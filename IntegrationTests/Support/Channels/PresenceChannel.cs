using System.Text.Json.Nodes;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Support.Channels;

/// <summary>Tracks its client as its messages say.</summary>
internal sealed class PresenceChannel(Presence presence, TestState test) : Channel
{
    protected override async Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        var parameters = JsonNode.Parse(payload.Json.Span)!.AsObject();
        if (parameters["name"] is { } name)
        {
            test.Channels[(string)name!] = this;
        }

        var state = (string?)parameters["state"] ?? "first";
        if (state == "first")
        {
            presence.PushState(this);
        }

        if (parameters["key"] is { } key)
        {
            presence.Track(this, (string)key!, Meta(parameters));
        }

        if (state == "last")
        {
            await WaitAsync(parameters["before"], cancellationToken);
            presence.PushState(this);
            await WaitAsync(parameters["after"], cancellationToken);
        }

        return (string?)parameters["end"] switch
        {
            "deny" => JoinResult.Error("denied"),
            "crash" => throw new InvalidOperationException("secret"),
            _ => JoinResult.Ok(),
        };
    }

    protected override async Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken)
    {
        if (@event == "hang")
        {
            await test.WaitAsync("never", cancellationToken);
        }

        var parameters = JsonNode.Parse(payload.Json.Span)!.AsObject();
        var key = (string?)parameters["key"] ?? "";
        try
        {
            return Handle(@event, key, parameters);
        }
        catch (ArgumentException)
        {
            return PushResult.Error(Payload.Reason("argument"));
        }
        catch (InvalidOperationException) when (@event == "track")
        {
            return PushResult.Error(Payload.Reason("already tracked"));
        }
    }

    protected override Task TerminateAsync(TerminateReason reason, CancellationToken cancellationToken)
    {
        var present = presence.List(Topic).Values.Sum(metas => metas.Count);
        test.Events.Add($"terminated {reason} with {present} present", CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task WaitAsync(JsonNode? gate, CancellationToken cancellationToken)
    {
        if (gate is not null)
        {
            test.Events.Add($"waiting for {gate}", CancellationToken.None);
            await test.WaitAsync((string)gate!, cancellationToken);
        }
    }

    private PushResult Handle(string @event, string key, JsonObject parameters)
    {
        switch (@event)
        {
            case "track": return Answer(presence.Track(this, key, Meta(parameters)));
            case "update": return Answer(presence.Update(this, key, Meta(parameters)));
            case "count": return Answer(presence.Update(this, key, Count));
            case "state": presence.PushState(this); return PushResult.Ok();
            case "stop": return PushResult.Stop(PushResult.Ok());
            case "untrack": presence.Untrack(this, key); return PushResult.Ok();
            case "crash": throw new FormatException("secret");
            default: return UnknownEvent(@event);
        }
    }

    private static JsonObject Count(JsonObject meta)
    {
        meta["count"] = ((int?)meta["count"] ?? 0) + 1;
        return meta;
    }

    private static JsonObject Meta(JsonObject parameters) => parameters["meta"]?.AsObject() ?? [];

    private static PushResult Answer(string? phxRef) => PushResult.Ok(
        Payload.From(new JsonObject { ["phx_ref"] = phxRef }));
}
