using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>An answer to a bare HTTP request.</summary>
internal sealed record HttpAnswer(int Status, byte[] Body)
{
    // Those that phoenix.js knows: any other is thrown at the application (docs/protocol.md, "Answers").
    private static readonly int[] Known = [200, 204, 403, 408, 410, 500];

    /// <summary>What a long-poll client reads: the true status, its next token, and its messages.</summary>
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

/// <summary>Sends HTTP requests byte by byte as they are given: no client library mends them.</summary>
internal static class HttpWire
{
    /// <summary>A whole request; what is no ASCII in it stands for single bytes.</summary>
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
        using var tcp = await ConnectAsync(server, request);
        using var answer = new MemoryStream();
        using var patience = new CancellationTokenSource(Patience.Limit);
        await tcp.GetStream().CopyToAsync(answer, patience.Token);
        return Read(answer.ToArray());
    }

    /// <summary>Sends the beginning of a request, or a whole one, and pulls the plug.</summary>
    public static async Task BreakOffAsync(Uri server, byte[] request)
    {
        using var tcp = await ConnectAsync(server, request);
        tcp.Client.Close(timeout: 0); // with a reset
    }

    private static async Task<TcpClient> ConnectAsync(Uri server, byte[] request)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(server.Host, server.Port);
        await tcp.GetStream().WriteAsync(request);
        return tcp;
    }

    private static HttpAnswer Read(byte[] bytes)
    {
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        Assert.True(end > 0, $"No answer: {Encoding.Latin1.GetString(bytes)}");
        var head = Encoding.ASCII.GetString(bytes, 0, end);
        return new HttpAnswer(int.Parse(head.Split(' ')[1], CultureInfo.InvariantCulture), bytes[(end + 4)..]);
    }
}
