using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>Sends bytes on a connection of their own and reads one answer: no client mends anything between.</summary>
internal static class RawExchange
{
    public static async Task<HttpText> SendAsync(Uri server, byte[] request)
    {
        using var timeout = new CancellationTokenSource(Patience.Limit);
        using var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(server.Host, server.Port, timeout.Token);
        var stream = tcp.GetStream();
        var answer = await ExchangeHeadsAsync(stream, request, timeout.Token);
        var isHead = request.AsSpan().StartsWith("HEAD "u8);
        var length = isHead ? 0 : int.Parse(answer.Header("Content-Length") ?? "0", CultureInfo.InvariantCulture);
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, timeout.Token);
        return answer with { Body = length == 0 ? null : Encoding.UTF8.GetString(body) };
    }

    // A server that refuses what is too large closes at once, and the answer is lost to a client that still sends: who
    // expects a 100 sends the body after it only.
    private static async Task<HttpText> ExchangeHeadsAsync(
        NetworkStream stream, byte[] request, CancellationToken cancellationToken)
    {
        var headLength = request.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        var asksFirst = request.AsSpan(0, headLength).IndexOf("\r\nExpect: "u8) >= 0;
        await stream.WriteAsync(request.AsMemory(0, asksFirst ? headLength : request.Length), cancellationToken);
        var answer = await ReadHeadAsync(stream, cancellationToken);
        if (answer.Status != 100)
        {
            return answer;
        }

        await stream.WriteAsync(request.AsMemory(headLength), cancellationToken);
        return await ReadHeadAsync(stream, cancellationToken);
    }

    private static async Task<HttpText> ReadHeadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)
            && await stream.ReadAsync(one, cancellationToken) > 0)
        {
            head.Append((char)one[0]);
        }

        return HttpText.Parse(head.ToString().ReplaceLineEndings("\n").TrimEnd());
    }
}
