using System.Text.Json.Nodes;
using Kaffediem.Protocol;

namespace Kaffediem.CompatServer;

/// <summary>Tracks its clients. A join has the parameters <c>{"key", "device"}</c>; the meta has the device.</summary>
internal sealed class PresenceChannel(Presence presence) : Channel
{
    private string _key = "";

    protected override Task<JoinResult> JoinAsync(Payload @params, CancellationToken cancellationToken)
    {
        _key = @params.ToElement().GetProperty("key").GetString()!;
        presence.PushState(this);
        presence.Track(this, _key, Meta(@params));
        return Task.FromResult(JoinResult.Ok());
    }

    protected override Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken)
    {
        switch (@event)
        {
            case "move": presence.Update(this, _key, Meta(payload)); break;
            case "hide": presence.Untrack(this, _key); break;
            default: return Task.FromResult(UnknownEvent(@event));
        }

        return Task.FromResult(PushResult.Ok());
    }

    private static JsonObject Meta(Payload payload) =>
        new() { ["device"] = payload.ToElement().GetProperty("device").GetString() };
}
