using System.Text.RegularExpressions;

namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>
/// One case of <c>Data/reference-transcript.md</c>, which records what Kaffebase did: a heading <c>### R1. title</c>
/// (REST) or <c>### W1. title</c> (sockets), and the text below it.
/// </summary>
/// <param name="Id">For example <c>R1</c>.</param>
/// <param name="Text">Everything between its heading and the next.</param>
internal sealed partial record TranscriptCase(string Id, string Text)
{
    private static readonly string FilePath =
        Path.Combine(AppContext.BaseDirectory, "Data", "reference-transcript.md");

    /// <summary>The fenced blocks, in order; the line before the fence belongs to a block.</summary>
    public IReadOnlyList<(string Before, string Text)> Blocks =>
        [.. FencePattern.Matches(Text).Select(match => (match.Groups["before"].Value, match.Groups["text"].Value))];

    /// <summary>All cases, in recorded order.</summary>
    public static IReadOnlyList<TranscriptCase> ReadAll()
    {
        var transcript = File.ReadAllText(FilePath);
        return
        [
            .. HeadingPattern.Matches(transcript).Select(match => new TranscriptCase(
                match.Groups["id"].Value, TextBelow(transcript, match))),
        ];
    }

    /// <summary>
    /// The sent text, where the transcript shows only its beginning and length, as in <c>{"a":"xx …(1000 bytes)</c>:
    /// repeats the last letter and closes the JSON.
    /// </summary>
    public static string Lengthen(string text)
    {
        if (ShortenedPattern.Match(text) is not { Success: true } match)
        {
            return text;
        }

        var begin = match.Groups["begin"].Value;
        var length = int.Parse(match.Groups["length"].Value, System.Globalization.CultureInfo.InvariantCulture);
        if (begin.EndsWith('['))
        {
            // Closes as many arrays as were opened, in a frame that is an array itself.
            var depth = (length - begin.TrimEnd('[').Length - 1) / 2;
            return begin.TrimEnd('[') + new string('[', depth) + new string(']', depth) + "]";
        }

        var end = begin.StartsWith('[') ? "\"}]" : "\"}";
        return begin.PadRight(length - end.Length, begin[^1]) + end;
    }

    private static string TextBelow(string transcript, Match heading)
    {
        var start = heading.Index + heading.Length;
        var next = AnyHeadingPattern.Match(transcript, start);
        return transcript[start..(next.Success ? next.Index : transcript.Length)];
    }

    [GeneratedRegex(@"^### (?<id>[RW]\d+)\. .*\n", RegexOptions.Multiline)]
    private static partial Regex HeadingPattern { get; }

    [GeneratedRegex("^#{1,3} ", RegexOptions.Multiline)]
    private static partial Regex AnyHeadingPattern { get; }

    [GeneratedRegex(
        @"^(?<before>[^\n]*)\n?^```(http)?\n(?<text>.*?)\n?^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencePattern { get; }

    [GeneratedRegex(@"^(?<begin>.*?) ?…\((?<length>\d+) bytes\)$", RegexOptions.Singleline)]
    private static partial Regex ShortenedPattern { get; }
}
