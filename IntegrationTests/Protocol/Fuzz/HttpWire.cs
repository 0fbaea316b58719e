using System.Globalization;
using System.Net;
using System.Text;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>Sends HTTP requests byte by byte: no client library corrects them.</summary>
internal static class HttpWire
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

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

    public static async Task<PollAnswer> SendAsync(Uri server, byte[] request)
    {
        var answer = await RawConnection.ExchangeAsync(server, Encoding.Latin1.GetString(request));
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        Assert.True(end >= 4, $"No answer: {answer}");
        return new PollAnswer(
            (HttpStatusCode)RawConnection.StatusOf(answer[..end]),
            new Dictionary<string, string>(),
            StrictUtf8.GetString(Encoding.Latin1.GetBytes(answer[end..])));
    }
}
