using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>A case of part 2: a connection, and its frames line by line.</summary>
internal sealed partial class SocketCase
{
    // The cases without a line about the connection.
    private static readonly Dictionary<string, string[]> UnwrittenLines = new()
    {
        ["W253"] = [.. "abc".Select(letter => Send($$"""[null,"{{letter}}","phoenix","heartbeat",{}]"""))],
        ["W254"] = ["-> text byte by byte"],
        ["W264"] = [.. Enumerable.Range(0, 500).SelectMany(number => (string[])
        [
            Send($$"""[null,"{{number}}","phoenix","heartbeat",{}]"""),
            $$$"""<- text   [null,"{{{number}}}","phoenix","phx_reply",{"response":{},"status":"ok"}]""",
        ])],
    };

    public SocketCase(TranscriptCase source)
    {
        Id = source.Id;
        var connect = ConnectPattern.Match(source.Text);
        if (connect.Success)
        {
            PathAndQuery = connect.Groups["path"].Value;
            Status = HttpText.Parse(connect.Groups["status"].Value).Status;
            Headers = ReadHeaders(connect.Groups["headers"].Value);
        }

        var talk = Status == 101 ? source.Blocks.FirstOrDefault(block => LinePattern.IsMatch(block.Text)).Text : null;
        Lines = [.. UnwrittenLines.GetValueOrDefault(Id, []), .. talk?.Split('\n') ?? []];
    }

    public string Id { get; }

    public string PathAndQuery { get; } = "/socket/websocket?vsn=2.0.0";

    /// <summary>The status of the handshake; of a failed one nothing else is compared.</summary>
    public int Status { get; } = 101;

    public (string Name, string? Value)[] Headers { get; } = [];

    /// <summary>
    /// The lines: sent <c>-&gt;</c>, received <c>&lt;-</c>, requested over REST, and how it ended <c>==</c>.
    /// </summary>
    public IReadOnlyList<string> Lines { get; }

    public bool IsV1 => !PathAndQuery.Contains("vsn=2", StringComparison.Ordinal);

    private static string Send(string frame) => $"-> text   {frame}";

    private (string Name, string? Value)[] ReadHeaders(string json) => (Id, json) switch
    {
        (_, not "") => [.. JsonSerializer.Deserialize<Dictionary<string, string>>(json)!
            .Select(header => (header.Key, (string?)header.Value))],
        ("W27", _) => [("Sec-WebSocket-Key", null)],
        ("W28", _) => [("Sec-WebSocket-Key", "x")],
        ("W29", _) => [("Sec-WebSocket-Version", "12")],
        ("W30", _) => [("Sec-WebSocket-Version", null)],
        ("W31", _) =>
            [("Connection", null), ("Upgrade", null), ("Sec-WebSocket-Version", null), ("Sec-WebSocket-Key", null)],
        _ => [],
    };

    [GeneratedRegex(@"^connect (?<path>\S+)( headers (?<headers>\{.*\}))? -> (?<status>.*)$", RegexOptions.Multiline)]
    private static partial Regex ConnectPattern { get; }

    [GeneratedRegex("^(->|<-|==)", RegexOptions.Multiline)]
    private static partial Regex LinePattern { get; }
}
