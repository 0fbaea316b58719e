using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>
/// Whether two JSON values are equal except for key order, times and uuids, and for what the guide says of every
/// record.
/// </summary>
internal sealed partial class Sameness(MigrationGuide guide)
{
    /// <summary>The first difference, such as <c>.name: "a" is now "b"</c>; <c>null</c> without one.</summary>
    public string? Difference(ShortenedJson before, JsonNode? now) =>
        Difference(before.Value, now, "", before.IsBeginning);

    private string? Difference(JsonNode? before, JsonNode? now, string path, bool isBeginning) => (before, now) switch
    {
        (JsonObject old, JsonObject young) => ObjectDifference(old, young, path, isBeginning),
        (JsonArray old, JsonArray young) => ArrayDifference(old, young, path, isBeginning),
        (null, not null) when guide.FilledMembers.Contains(path[(path.LastIndexOf('.') + 1)..]) => null,
        _ when IsSameValue(before, now) => null,
        _ => $"{path}: {Show(before)} is now {Show(now)}",
    };

    private string? ObjectDifference(JsonObject before, JsonObject now, string path, bool isBeginning)
    {
        if ((string?)(before["action"] as JsonValue) == "delete")
        {
            // The guide: a delete broadcasts the id.
            var record = new JsonObject { ["id"] = (long)before["record"]!["id"]! };
            before = new JsonObject { ["action"] = "delete", ["record"] = record };
        }

        var added = now.Select(member => member.Key)
            .FirstOrDefault(name => !before.ContainsKey(name) && !guide.NewMembers.Contains(name));
        return added is not null && !isBeginning
            ? $"{path}.{added}: is new: {Show(now[added])}"
            : before.Select(member => now.ContainsKey(member.Key)
                    ? Difference(member.Value, now[member.Key], $"{path}.{member.Key}", isBeginning)
                    : $"{path}.{member.Key}: {Show(member.Value)} is missing")
                .FirstOrDefault(difference => difference is not null);
    }

    private string? ArrayDifference(JsonArray before, JsonArray now, string path, bool isBeginning) =>
        before.Count > now.Count || (before.Count < now.Count && !isBeginning)
            ? $"{path}: {before.Count} elements are now {now.Count}: {Show(before)} is now {Show(now)}"
            : before.Select((element, index) => Difference(element, now[index], $"{path}[{index}]", isBeginning))
                .FirstOrDefault(difference => difference is not null);

    private static bool IsSameValue(JsonNode? before, JsonNode? now) =>
        JsonNode.DeepEquals(before, now)
        || (AsText(before) is { } old && AsText(now) is { } young
            && ((TimePattern.IsMatch(old) && TimePattern.IsMatch(young))
                || (UuidPattern.IsMatch(old) && UuidPattern.IsMatch(young))));

    private static string? AsText(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string Show(JsonNode? node)
    {
        var text = node?.ToJsonString(Support.Json.Relaxed) ?? "null";
        return text.Length > 200 ? text[..200] + "…" : text;
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$")]
    private static partial Regex TimePattern { get; }

    [GeneratedRegex("^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
    private static partial Regex UuidPattern { get; }
}
