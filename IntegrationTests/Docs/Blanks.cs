using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>
/// Placeholders in the examples of the docs. <c>…</c> stands for anything, in JSON also for further members or
/// elements. The first <c>&lt;name&gt;</c> in an answer stands for anything and names it; every later one stands for
/// the same.
/// </summary>
internal sealed partial class Blanks
{
    private const char Anything = '…';
    private readonly Dictionary<string, string> _values = [];

    /// <summary>Replaces the names whose values are known.</summary>
    public string Fill(string text) => NamePattern.Replace(
        text, match => _values.GetValueOrDefault(match.Groups["name"].Value, match.Value));

    /// <summary>Whether a text matches the documented one.</summary>
    public bool Fits(string expected, string actual)
    {
        var names = new List<string>();
        var pattern = Regex.Escape(Fill(expected)).Replace(Anything.ToString(), ".*", StringComparison.Ordinal);
        pattern = NamePattern.Replace(pattern, match =>
        {
            names.Add(match.Groups["name"].Value);
            return $"(?<{names[^1]}>.+?)";
        });
        var found = Regex.Match(actual, $"^{pattern}$", RegexOptions.Singleline);
        foreach (var name in names.Where(_ => found.Success))
        {
            _values[name] = found.Groups[name].Value;
        }

        return found.Success;
    }

    /// <summary>The difference from a documented output, which may be JSON; <c>null</c> if there is none.</summary>
    public string? FindDifferenceInOutput(string expected, string actual) =>
        expected is ['{' or '[', ..] ? FindDifference(expected, actual)
        : Fits(expected, actual) ? null
        : $"expected \"{expected}\"";

    /// <summary>The first difference from the documented JSON; <c>null</c> if there is none.</summary>
    public string? FindDifference(string expected, string actual)
    {
        try
        {
            return FindDifference("", JsonNode.Parse(Quote(Fill(expected))), JsonNode.Parse(actual));
        }
        catch (System.Text.Json.JsonException exception)
        {
            return exception.Message;
        }
    }

    private string? FindDifference(string path, JsonNode? expected, JsonNode? actual) => (expected, actual) switch
    {
        (JsonValue value, _) when value.TryGetValue(out string? text) && IsOpen(text) =>
            Fits(text, TextOf(actual)) ? null : $"{path}: expected {text}, got {TextOf(actual)}",
        (JsonObject members, JsonObject others) => FindDifference(path, members, others),
        (JsonArray elements, JsonArray others) => FindDifference(path, elements, others),
        _ => JsonNode.DeepEquals(expected, actual) ? null : $"{path}: expected {Show(expected)}, got {Show(actual)}",
    };

    private static bool IsOpen(string text) => text.Contains(Anything) || NamePattern.IsMatch(text);

    private string? FindDifference(string path, JsonObject expected, JsonObject actual)
    {
        var isOpen = expected.ContainsKey(Anything.ToString());
        var missing = expected.FirstOrDefault(member => member.Key != "…" && !actual.ContainsKey(member.Key)).Key;
        var surplus = isOpen ? null : actual.FirstOrDefault(member => !expected.ContainsKey(member.Key)).Key;
        return missing is not null ? $"{path}: no {missing} in {Show(actual)}"
            : surplus is not null ? $"{path}: {surplus} is not in the docs: {Show(actual)}"
            : expected.Where(member => member.Key != "…")
                .Select(member => FindDifference($"{path}.{member.Key}", member.Value, actual[member.Key]))
                .FirstOrDefault(difference => difference is not null);
    }

    private string? FindDifference(string path, JsonArray expected, JsonArray actual)
    {
        var isOpen = expected is [.., JsonValue last] && last.TryGetValue(out string? text) && text == "…";
        var count = isOpen ? expected.Count - 1 : expected.Count;
        var isOfLength = isOpen ? actual.Count >= count : actual.Count == count;
        return !isOfLength
            ? $"{path}: expected {Show(expected)}, got {Show(actual)}"
            : Enumerable.Range(0, count)
                .Select(index => FindDifference($"{path}[{index}]", expected[index], actual[index]))
                .FirstOrDefault(difference => difference is not null);
    }

    private static string TextOf(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text) ? text : Show(node);

    private static string Show(JsonNode? node) => node?.ToJsonString(Json.Relaxed) ?? "null";

    /// <summary>Quotes each bare <c>…</c> and <c>&lt;name&gt;</c>, so that the text becomes valid JSON.</summary>
    private static string Quote(string json)
    {
        var quoted = new StringBuilder();
        foreach (Match token in TokenPattern.Matches(json))
        {
            var text = token.Value;
            var isMember = text == "…" && IsInObject(quoted.ToString());
            quoted.Append(isMember ? "\"…\": \"…\"" : text is "…" or ['<', ..] ? $"\"{text}\"" : text);
        }

        return quoted.ToString();
    }

    // Whether a member's name comes next: the innermost open bracket is an object's, and no colon precedes.
    private static bool IsInObject(string before)
    {
        var depth = 0;
        var outside = StringPattern.Replace(before, "\"\"").TrimEnd();
        for (var i = outside.Length - 1; i >= 0; i--)
        {
            depth += outside[i] is '}' or ']' ? 1 : outside[i] is '{' or '[' ? -1 : 0;
            if (depth < 0)
            {
                return outside[i] == '{' && !outside.EndsWith(':');
            }
        }

        return false;
    }

    [GeneratedRegex("<(?<name>[a-z]+)>")]
    private static partial Regex NamePattern { get; }

    [GeneratedRegex("""("(\\.|[^"\\])*"|<[a-z]+>|…|[^"<…]+|.)""", RegexOptions.Singleline)]
    private static partial Regex TokenPattern { get; }

    [GeneratedRegex("""
        "(\\.|[^"\\])*"
        """)]
    private static partial Regex StringPattern { get; }
}
