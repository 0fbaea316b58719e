using System.Net.Sockets;
using System.Text;

namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>Sends bytes on a connection of their own and reads one answer: no client between that mends anything.</summary>
internal static class RawExchange
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<HttpText> SendAsync(Uri server, byte[] request)
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(server.Host, server.Port, timeout.Token);
        var stream = tcp.GetStream();
        var sending = SendAsync(stream, request, timeout.Token);
        var head = await ReadHeadAsync(stream, timeout.Token);
        var answer = HttpText.Parse(head.ReplaceLineEndings("\n").TrimEnd());
        var isHead = request.AsSpan().StartsWith("HEAD "u8);
        var length = isHead ? 0 : int.Parse(answer.Header("Content-Length") ?? "0", System.Globalization.CultureInfo.InvariantCulture);
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, timeout.Token);
        await sending;
        return answer with { Body = length == 0 ? null : Encoding.UTF8.GetString(body) };
    }

    // A server that refuses what is too large may close before all of it is sent.
    private static async Task SendAsync(NetworkStream stream, byte[] request, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(request, cancellationToken);
        }
        catch (IOException)
        {
        }
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)
            && await stream.ReadAsync(one, cancellationToken) > 0)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
