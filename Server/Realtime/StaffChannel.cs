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

    private const string Screen = "screen";
    private const int MaxScreenLength = 40;

    private static readonly string Malformed = $"screen must be a text of at most {MaxScreenLength} characters";

    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        if (((KaffediemSocket)Socket).UserId is not { } userId)
        {
            return Task.FromResult(JoinResult.Error("sign in first"));
        }

        if (ReadScreen(payload, out var screen) is { } reason)
        {
            return Task.FromResult(JoinResult.Error(reason));
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

    /// <summary>Reads the screen, or says why it is refused.</summary>
    private static string? ReadScreen(Payload payload, out string screen)
    {
        screen = "";
        if (payload.IsBinary || payload.ToElement() is not { ValueKind: JsonValueKind.Object } parameters)
        {
            return Malformed;
        }

        if (!parameters.TryGetProperty(Screen, out var value))
        {
            return JoinOptions.FindMisspelled(parameters, [Screen]);
        }

        screen = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        return value.ValueKind == JsonValueKind.String && screen.Length <= MaxScreenLength ? null : Malformed;
    }
}
