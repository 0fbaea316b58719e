using System.Text;
using System.Text.Json;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>JSON values as text, with difficult ones among them.</summary>
internal static class FuzzJson
{
    private static readonly string[] Numbers =
    [
        "0", "1", "-0", "-1", "1.0", "0.1e-400", "1e999999", "9007199254740993", "123456789012345678901234567890",
        "1E+2",
    ];

    private static readonly string[] BrokenNumbers = ["01", "+1", ".5", "1.", "NaN", "Infinity", "-", "0x1", "1e"];

    private static readonly string[] Pieces =
    [
        "a", "æ", "漢", "👋", "\u2028", "\ufeff", "</script>", "\\u0000", "\\u0061", "\\\"", "\\\\", "\\/", "\\n",
        "\\ud83d\\udc4b",
        "%41", "[", "{\\\"a\\\":1}", "\\u202e",
    ];

    private static readonly string[] BrokenPieces =
        ["\\ud800", "\\udc00", "\\udc4b\\ud83d", "\\x", "\\u12", "\n", "\0", "\t"];

    private static readonly string[] Names =
        ["a", "a", "deny", "status", "response", "__proto__", "constructor", "topic", "event", "ref", "", "\\u0061"];

    private static readonly JsonSerializerOptions AnyDepth = new() { MaxDepth = 10_000 };

    /// <summary>
    /// Throws unless all its texts and names are valid Unicode: <c>"\ud800"</c> is JSON, but not text. Writing decodes
    /// them.
    /// </summary>
    public static void RequireUnicode(JsonElement json) => JsonSerializer.Serialize(Stream.Null, json, AnyDepth);

    /// <summary>A value; occasionally nothing, or invalid JSON.</summary>
    public static string Value(SeededRandom random, int depth = 0) => random.Below(depth > 3 ? 6 : 10) switch
    {
        0 => random.Pick("null", "true", "false"),
        1 => random.OneIn(20) ? random.Pick<string>(BrokenNumbers) : random.Pick<string>(Numbers),
        2 => random.OneIn(20) ? Nested(random) : "{}",
        3 or 4 or 5 => String(random),
        6 => $"[{Items(random, _ => Value(random, depth + 1))}]",
        7 => random.OneIn(50) ? random.Pick("", "{", "nul", "[1,]", "{\"a\"}", "/**/1", "'a'") : "[]",
        _ => Object(random, depth),
    };

    /// <summary>An object: what most payloads are.</summary>
    public static string Object(SeededRandom random, int depth = 0) =>
        $"{{{Items(random, _ => $"\"{random.Pick<string>(Names)}\":{Value(random, depth + 1)}")}}}";

    public static string String(SeededRandom random)
    {
        if (random.OneIn(500))
        {
            return $"\"{new string('x', 60_000 + random.Below(10_000))}\""; // around the maximum message length
        }

        var text = new StringBuilder("\"");
        for (var left = random.Length(random.OneIn(20) ? 600 : 8); left > 0; left--)
        {
            text.Append(random.OneIn(200) ? random.Pick<string>(BrokenPieces) : random.Pick<string>(Pieces));
        }

        return text.Append('"').ToString();
    }

    /// <summary>Text as JSON, with some unnecessary escapes.</summary>
    public static string Quote(SeededRandom random, string text) => random.OneIn(10) && text.Length > 0
        ? $"\"\\u{(int)text[0]:x4}{JsonSerializer.Serialize(text[1..])[1..]}"
        : JsonSerializer.Serialize(text);

    /// <summary>Around the maximum depth: 64, including the message itself.</summary>
    private static string Nested(SeededRandom random)
    {
        var depth = random.OneIn(20) ? 20_000 : 58 + random.Below(10);
        return random.Pick(true, false)
            ? new string('[', depth) + new string(']', depth)
            : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
    }

    private static string Items(SeededRandom random, Func<int, string> item) =>
        string.Join(random.OneIn(10) ? " ,\r\n" : ",", Enumerable.Range(0, random.Length(6)).Select(item));
}
