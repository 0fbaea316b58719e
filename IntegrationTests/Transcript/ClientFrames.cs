using System.Text.RegularExpressions;
using static Kaffediem.IntegrationTests.Support.Clients.Framing;

namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>
/// The bytes that a client sends in the transcript, for example <c>text ["1",…]</c> or <c>close 1000 "bye"</c>.
/// </summary>
internal static partial class ClientFrames
{
    private const string TextMark = "text   ";

    private static readonly byte[] Heartbeat = """[null,"1","phoenix","heartbeat",{}]"""u8.ToArray();

    public static byte[] Bytes(string sent) => sent.StartsWith(TextMark, StringComparison.Ordinal)
        ? FrameClient.Frame(Text, Utf8(TranscriptCase.Lengthen(sent[TextMark.Length..])))
        : sent switch
        {
            "close, empty" => FrameClient.Frame(Close, []),
            "close, 1-byte payload" => FrameClient.Frame(Close, [3]),
            "heartbeat with payload byte ff" => FrameClient.Frame(
                Text, [.. """[null,"1","phoenix","heartbeat",{"a":" """u8.TrimEnd((byte)' '), 0xFF, .. "\"}]"u8]),
            "opcode 3" => FrameClient.Frame(3, []),
            "opcode 11" => FrameClient.Frame(11, []),
            "partial frame" => FrameClient.Frame(Text, new byte[100])[..16],
            "ping fin=0" => FrameClient.Frame(Ping, [], isFinal: false),
            "ping, 126 bytes" => FrameClient.Frame(Ping, new byte[126]),
            "text 5bff5d" => FrameClient.Frame(Text, [0x5B, 0xFF, 0x5D]),
            "text byte by byte" => FrameClient.Frame(Text, Heartbeat),
            "text header, length 2^62, no data" => FrameClient.Header(Text, 1UL << 62),
            "text header, length 2^63, no data" => FrameClient.Header(Text, 1UL << 63),
            "text rsv1" => FrameClient.Frame(Text, "[]"u8.ToArray(), reserved: 4),
            "text, not masked" => FrameClient.Frame(Text, Heartbeat, isMasked: false),
            _ => Pattern(sent),
        };

    private static byte[] Pattern(string sent) => FramePattern.Match(sent) is { Success: true } match
        ? match switch
        {
            _ when match.Groups["hex"].Success =>
                FrameClient.Frame(Binary, Convert.FromHexString(match.Groups["hex"].Value)),
            _ when match.Groups["code"].Success => FrameClient.Frame(Close, ClosePayload(match)),
            _ when match.Groups["ping"].Success => FrameClient.Frame(
                match.Groups["ping"].Value == "ping" ? Ping : Pong, Utf8(match.Groups["data"].Value)),
            _ => FrameClient.Frame(
                match.Groups["kind"].Value == "text" ? Text : Continuation,
                Utf8(match.Groups["part"].Value.Replace("(empty)", "", StringComparison.Ordinal)),
                isFinal: match.Groups["fin"].Value == "1"),
        }
        : throw new InvalidOperationException($"The transcript sends something unknown: {sent}");

    private static byte[] ClosePayload(Match match)
    {
        var code = int.Parse(match.Groups["code"].Value, System.Globalization.CultureInfo.InvariantCulture);
        return [.. CodeBytes(code), .. Utf8(match.Groups["reason"].Value)];
    }

    [GeneratedRegex("""
        ^(binary\ \d+\ bytes\ hex=(?<hex>[0-9a-f]*)
        | close\ (?<code>\d+)(\ "(?<reason>.*)")?
        | (?<ping>ping|pong)\ "(?<data>.*)"
        | (?<kind>text|continuation)\ fin=(?<fin>[01])(\ (?<part>.*))?)$
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex FramePattern { get; }
}
