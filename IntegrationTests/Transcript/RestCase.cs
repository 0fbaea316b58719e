using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>
/// A case of part 1: a request, its answer, and the broadcasts that an observer of all topics received.
/// </summary>
internal sealed partial class RestCase
{
    private const string FrameMark = "text   ";

    private readonly string _request;

    public RestCase(TranscriptCase source)
    {
        Id = source.Id;
        var blocks = source.Blocks;
        _request = blocks[0].Text;
        Answer = HttpText.Parse(blocks[1].Text);
        Broadcasts = IsRaw ? null : [.. blocks
            .Where(block => block.Before.StartsWith("broadcast seen", StringComparison.Ordinal))
            .SelectMany(block => block.Text.Split('\n'))
            .Select(line => ShortenedJson.Parse(line[FrameMark.Length..]))];
    }

    public string Id { get; }

    public HttpText Answer { get; }

    /// <summary>The frames; <c>null</c> where nothing was observed.</summary>
    public IReadOnlyList<ShortenedJson>? Broadcasts { get; }

    /// <summary>The request; <c>null</c> where it is given byte by byte.</summary>
    public HttpText? Request => IsRaw ? null : HttpText.Parse(_request);

    private bool IsRaw => _request.StartsWith('"');

    public byte[] ToBytes(Uri server, Func<HttpText, HttpText> edit) =>
        IsRaw ? System.Text.Encoding.UTF8.GetBytes(RawText()) : edit(Request!).ToBytes(server);

    // A request as a JSON string; the three long ones are shown in part: `…aaa…(20065)"`.
    private string RawText()
    {
        if (ShortenedPattern.Match(_request) is not { Success: true } match)
        {
            return JsonSerializer.Deserialize<string>(_request)!;
        }

        var begin = JsonSerializer.Deserialize<string>(match.Groups["begin"].Value + "\"")!;
        var length = int.Parse(match.Groups["length"].Value, System.Globalization.CultureInfo.InvariantCulture);
        const string End = "\r\n\r\n";
        return begin switch
        {
            _ when begin.Contains("X-0: v", StringComparison.Ordinal) => string.Concat(
                begin[..begin.IndexOf("X-0", StringComparison.Ordinal)],
                string.Concat(Enumerable.Range(0, 60).Select(number => $"X-{number}: v\r\n")), "\r\n"),
            _ when begin.Contains("?a=", StringComparison.Ordinal) =>
                begin.PadRight(length - 22 - End.Length, 'a') + " HTTP/1.1\r\nHost: x" + End,
            _ => begin.PadRight(length - End.Length, 'a') + End,
        };
    }

    [GeneratedRegex(@"^(?<begin>"".*)…\((?<length>\d+)\)""$")]
    private static partial Regex ShortenedPattern { get; }
}
