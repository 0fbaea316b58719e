using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>JSON of the transcript, which shows only the beginning of long values.</summary>
/// <param name="Value">The shown part, closed after the last complete element or member.</param>
/// <param name="IsBeginning">Whether there was more.</param>
internal sealed partial record ShortenedJson(JsonNode? Value, bool IsBeginning)
{
    public static ShortenedJson Parse(string text) => EndPattern.Match(text) is { Success: true } end
        ? new ShortenedJson(JsonNode.Parse(Close(text[..end.Index])), true)
        : new ShortenedJson(JsonNode.Parse(text), false);

    private static string Close(string beginning)
    {
        var open = new Stack<char>();
        var (whole, closers) = (0, "");
        foreach (Match token in TokenPattern.Matches(beginning))
        {
            switch (token.Value[0])
            {
                case '[' or '{':
                    open.Push(token.Value == "[" ? ']' : '}');
                    (whole, closers) = (token.Index + 1, string.Concat(open));
                    break;
                case ']' or '}':
                    open.Pop();
                    break;
                case ',':
                    (whole, closers) = (token.Index, string.Concat(open));
                    break;
            }
        }

        return beginning[..whole] + closers;
    }

    // "…(34312 bytes in all)", "... (1747 characters in all)", "…(menu change, 3040 bytes; …)"
    [GeneratedRegex(@" ?(…|\.\.\. ?)\((menu change, )?\d+ [^)]*\)$")]
    private static partial Regex EndPattern { get; }

    [GeneratedRegex(@"""(\\.|[^""\\])*(""|$)|[\[\]{},]")]
    private static partial Regex TokenPattern { get; }
}
