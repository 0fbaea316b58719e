using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kaffediem.Protocol;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// Who of the staff is online, and on which screen: the front desk can see whether the kitchen is there. Only who is
/// signed in takes part: names of staff are nobody else's business. A client joins with <c>{"screen": "kitchen"}</c> and
/// gets <c>presence_state</c> and <c>presence_diff</c>, keyed by the user's id, with the metas
/// <c>{"name", "screen", "online_at"}</c>.
/// </summary>
internal sealed class StaffChannel(Presence presence, TimeProvider time) : Channel
{
    public const string StaffTopic = "presence:staff";

    private const int MaxScreenLength = 40;

    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        if (((KaffediemSocket)Socket).UserId is not { } userId)
        {
            return Task.FromResult(JoinResult.Error("sign in first"));
        }

        if (!TryReadScreen(payload, out var screen))
        {
            return Task.FromResult(JoinResult.Error($"screen must be a text of at most {MaxScreenLength} characters"));
        }

        presence.PushState(this);
        presence.Track(this, userId, new JsonObject
        {
            ["name"] = ((KaffediemSocket)Socket).UserName,
            ["screen"] = screen,
            ["online_at"] = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        });
        return Task.FromResult(JoinResult.Ok());
    }

    private static bool TryReadScreen(Payload payload, out string screen)
    {
        screen = "";
        if (payload.IsBinary || payload.ToElement() is not { ValueKind: JsonValueKind.Object } parameters)
        {
            return false;
        }

        if (!parameters.TryGetProperty("screen", out var value))
        {
            return true;
        }

        screen = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        return value.ValueKind == JsonValueKind.String && screen.Length <= MaxScreenLength;
    }
}
