using System.Globalization;
using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>A request or an answer as the transcript writes it: first line, headers, empty line, body.</summary>
/// <param name="FirstLine">For example <c>GET /nope</c> or <c>200 OK</c>.</param>
/// <param name="Headers">In order; a name may occur twice.</param>
/// <param name="Body">The text; <c>null</c> without one.</param>
internal sealed record HttpText(string FirstLine, IReadOnlyList<(string Name, string Value)> Headers, string? Body)
{
    private const string EmptyBody = "(empty body)";
    private const string HexBody = "(hex) ";
    private const int LargeBody = 1024 * 1024;

    /// <summary>The status of an answer.</summary>
    public int Status => int.Parse(
        FirstLine.Split(' ').First(word => word.Length == 3 && word.All(char.IsAsciiDigit)),
        CultureInfo.InvariantCulture);

    public static HttpText Parse(string text)
    {
        var (head, body) = text.Split("\n\n", 2) is [var first, var rest] ? (first, rest) : (text, null);
        var lines = head.Split('\n').Where(line => line != EmptyBody).ToList();
        return new HttpText(
            lines[0],
            [.. lines.Skip(1).Select(line => line.Split(':', 2)).Select(pair => (pair[0], pair[1].Trim()))],
            body is EmptyBody or "" ? null : body);
    }

    /// <summary>Sends bytes on a new connection and reads one answer: no client library corrects anything.</summary>
    public static async Task<HttpText> ExchangeAsync(Uri server, byte[] request)
    {
        using var timeout = new CancellationTokenSource(Patience.Limit);
        using var connection = await RawConnection.ConnectAsync(server);
        // A server that refuses a large body closes at once, and a client that is still sending loses the answer. A
        // request that expects a 100 therefore sends its body only after it.
        var headLength = request.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        var asksFirst = request.AsSpan(0, headLength).IndexOf("\r\nExpect: "u8) >= 0;
        await connection.SendAsync(asksFirst ? request[..headLength] : request);
        var answer = await ReadHeadAsync();
        if (answer.Status == 100)
        {
            await connection.SendAsync(request[headLength..]);
            answer = await ReadHeadAsync();
        }

        var isHead = request.AsSpan().StartsWith("HEAD "u8);
        var length = isHead ? 0 : int.Parse(answer.Header("Content-Length") ?? "0", CultureInfo.InvariantCulture);
        var body = new byte[length];
        await connection.Stream.ReadExactlyAsync(body, timeout.Token);
        return answer with { Body = body.Length == 0 ? null : Encoding.UTF8.GetString(body) };

        async Task<HttpText> ReadHeadAsync() =>
            Parse((await connection.ReadHeadAsync(timeout.Token)).ReplaceLineEndings("\n").TrimEnd());
    }

    /// <summary>The values of a header, joined; <c>null</c> without it.</summary>
    public string? Header(string name)
    {
        var values = Headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return values.Any() ? string.Join(", ", values.Select(header => header.Value)) : null;
    }

    /// <summary>The bytes of a request for the server.</summary>
    public byte[] ToBytes(Uri server)
    {
        var body = BodyBytes();
        var head = new StringBuilder($"{FirstLine} HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: close\r\n");
        foreach (var (name, value) in Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        if (body.Length > 0 || Header("Content-Type") is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        }

        if (body.Length > LargeBody)
        {
            head.Append("Expect: 100-continue\r\n");
        }

        return [.. Encoding.UTF8.GetBytes($"{head}\r\n"), .. body];
    }

    private byte[] BodyBytes() => Body switch
    {
        null => [],
        _ when Body.StartsWith(HexBody, StringComparison.Ordinal) => Convert.FromHexString(Body[HexBody.Length..]),
        // The transcript's lines end in LF, those of a multipart body do not.
        _ when Header("Content-Type")?.StartsWith("multipart", StringComparison.Ordinal) == true =>
            Encoding.UTF8.GetBytes(Body.ReplaceLineEndings("\r\n")),
        _ => Encoding.UTF8.GetBytes(TranscriptCase.Lengthen(Body)),
    };
}
