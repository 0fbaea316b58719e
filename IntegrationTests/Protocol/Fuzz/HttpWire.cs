using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>The answer to an HTTP request.</summary>
internal sealed record HttpAnswer(int Status, byte[] Body)
{
    // The statuses that phoenix.js knows; it throws on any other (docs/protocol.md, "Answers").
    private static readonly int[] Known = [200, 204, 403, 408, 410, 500];

    /// <summary>
    /// The answer as a long-poll client reads it: the status in the JSON, the next token, and the messages.
    /// </summary>
    public (int Status, string? Token, string[] Messages) ReadPoll()
    {
        Assert.Equal(200, Status);
        using var json = JsonDocument.Parse(Body);
        var answer = json.RootElement;
        var status = answer.GetProperty("status").GetInt32();
        Assert.Contains(status, Known);
        return (
            status,
            answer.TryGetProperty("token", out var token) ? token.GetString() : null,
            answer.TryGetProperty("messages", out var messages)
                ? [.. messages.EnumerateArray().Select(message => message.GetString()!)]
                : []);
    }
}

/// <summary>Sends HTTP requests byte by byte: no client library corrects them.</summary>
internal static class HttpWire
{
    /// <summary>A whole request; each character stands for one byte (ISO 8859-1).</summary>
    public static byte[] Request(
        Uri server, string method, string target, byte[] body, params IEnumerable<(string Name, string Value)> headers)
    {
        (string Name, string Value)[] all =
        [
            ("Host", server.Authority), ("Connection", "close"),
            ("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture)), .. headers,
        ];
        var lines = all.Where(header => body.Length > 0 || header.Name != "Content-Length")
            .Select(header => $"{header.Name}: {header.Value}\r\n");
        return [.. Encoding.Latin1.GetBytes($"{method} {target} HTTP/1.1\r\n{string.Concat(lines)}\r\n"), .. body];
    }

    public static async Task<HttpAnswer> SendAsync(Uri server, byte[] request)
    {
        using var connection = await RawConnection.ConnectAsync(server);
        await connection.SendAsync(request);
        var answer = await connection.ReadToEndAsync();
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        Assert.True(end >= 4, $"No answer: {answer}");
        return new HttpAnswer(RawConnection.StatusOf(answer[..end]), Encoding.Latin1.GetBytes(answer[end..]));
    }
}
