using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kaffediem.Protocol;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// Who of the staff is online, and on which screen: the front desk can see whether the kitchen is there. Only the staff
/// takes part (<see cref="PresenceOptions.Staff"/>): their names are nobody else's business. A client joins with
/// <c>{"screen": "kitchen"}</c> and gets <c>presence_state</c> and <c>presence_diff</c>, keyed by the user's id, with
/// the metas <c>{"name", "screen", "online_at"}</c>.
/// </summary>
internal sealed class StaffChannel(Presence presence, PresenceOptions options, TimeProvider time) : Channel
{
    public const string StaffTopic = "presence:staff";

    private const string Screen = "screen";
    private const int MaxScreenLength = 40;

    private static readonly string Malformed = $"screen must be a text of at most {MaxScreenLength} characters";

    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        var client = (KaffediemSocket)Socket;
        return Task.FromResult(
            FindRefusal(client) is { } refusal ? JoinResult.Error(refusal)
            : ReadScreen(payload, out var screen) is { } reason ? JoinResult.Error(reason)
            : Join(client, screen));
    }

    private string? FindRefusal(KaffediemSocket client) =>
        client.UserId is null ? "sign in first"
        : options.Staff == StaffAccess.Administrators && !client.IsAdministrator ? "only administrators are staff here"
        : null;

    private JoinResult Join(KaffediemSocket client, string screen)
    {
        presence.PushState(this);
        var phxRef = presence.Track(this, client.UserId!, new JsonObject
        {
            ["name"] = client.UserName,
            ["screen"] = screen,
            ["online_at"] = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        });
        // phoenix.js joins again by itself, until one of the user's other screens has gone.
        return phxRef is null ? JoinResult.Error("too many screens of this user") : JoinResult.Ok();
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
