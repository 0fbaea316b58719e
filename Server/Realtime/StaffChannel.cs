using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kaffediem.Persistence.Writing;
using Kaffediem.Protocol;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// Shows which staff are online, and on which screen: the front desk can see whether the kitchen is there. Only staff
/// may join (<see cref="PresenceOptions.Staff"/>): their names are nobody else's business. A client joins with
/// <c>{"screen": "kitchen"}</c> and gets <c>presence_state</c> and <c>presence_diff</c>, keyed by the user's id, with
/// the metas <c>{"name", "screen", "online_at"}</c>.
/// </summary>
internal sealed class StaffChannel(Presence presence, PresenceOptions options, TimeProvider time) : Channel
{
    public const string StaffTopic = "presence:staff";

    private const string Screen = "screen";
    private const int MaxScreenLength = 40;

    private static readonly FieldError Malformed = new(
        Screen, $"must be a text of at most {MaxScreenLength} characters");

    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        var client = (KaffediemSocket)Socket;
        if (FindRefusal(client) is { } refusal)
        {
            return Task.FromResult(JoinResult.Error(refusal));
        }

        var screen = ReadScreen(payload);
        return Task.FromResult(screen.IsRead
            ? Join(client, screen.Value)
            : JoinResult.Error($"{screen.Error.Field} {screen.Error.Message}"));
    }

    private string? FindRefusal(KaffediemSocket client) =>
        client.UserId is null ? "sign in first"
        : options.Staff == StaffAccess.Administrators && !client.IsAdministrator ? "only administrators are staff here"
        : null;

    private JoinResult Join(KaffediemSocket client, string screen)
    {
        presence.PushState(this);
        // Not null: FindRefusal has refused clients without a user.
        var phxRef = presence.Track(this, client.UserId!, new JsonObject
        {
            ["name"] = client.UserName,
            ["screen"] = screen,
            ["online_at"] = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        });
        // phoenix.js joins again by itself, and succeeds once one of the user's other screens has left.
        return phxRef is null ? JoinResult.Error("too many screens of this user") : JoinResult.Ok();
    }

    private static Read<string> ReadScreen(Payload payload)
    {
        if (payload.IsBinary || payload.ToElement() is not { ValueKind: JsonValueKind.Object } parameters)
        {
            return Malformed;
        }

        if (!parameters.TryGetProperty(Screen, out var value))
        {
            return JoinOptions.FindMisspelled(parameters, [Screen]) is { } misspelled ? misspelled : "";
        }

        return value.ValueKind == JsonValueKind.String && value.GetString() is { Length: <= MaxScreenLength } screen
            ? screen
            : Malformed;
    }
}
