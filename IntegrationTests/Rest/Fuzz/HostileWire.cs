using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Rest.Fuzz;

/// <summary>Sends the bytes of a request as they are, and reads the status that they are answered with.</summary>
internal static class HostileWire
{
    private const int MaxHead = 64 * 1024;

    /// <summary>The status; 0 if the server ends the connection without an answer.</summary>
    /// <param name="server">The server.</param>
    /// <param name="request">The bytes.</param>
    /// <param name="mayBeIncomplete">
    /// Whether the server may wait for more. It is then shown the end of the stream, which for a complete request would
    /// be a client that leaves before the answer.
    /// </param>
    public static async Task<int> SendAsync(Uri server, byte[] request, bool mayBeIncomplete)
    {
        using var tcp = new TcpClient { NoDelay = true };
        using var patience = new CancellationTokenSource(Patience.Limit);
        await tcp.ConnectAsync(server.Host, server.Port, patience.Token);
        var stream = tcp.GetStream();
        try
        {
            await stream.WriteAsync(request, patience.Token);
            if (mayBeIncomplete)
            {
                tcp.Client.Shutdown(SocketShutdown.Send);
            }

            return await ReadStatusAsync(stream, patience.Token);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            return 0; // reset: Kestrel does not read to the end what it has refused
        }
        finally
        {
            tcp.Client.Close(timeout: 0); // an event stream would go on
        }
    }

    private static async Task<int> ReadStatusAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxHead];
        for (var length = 0; length < buffer.Length;)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                return 0;
            }

            length += read;
            if (FinalStatus(buffer.AsSpan(0, length)) is { } status)
            {
                return status;
            }
        }

        throw new InvalidOperationException("The head of the answer does not end.");
    }

    // RFC 9110 §15.2: 100 Continue comes before the answer; 101 is one.
    private static int? FinalStatus(ReadOnlySpan<byte> answer)
    {
        while (answer.IndexOf("\r\n\r\n"u8) is >= 0 and var end)
        {
            var status = int.Parse(Encoding.ASCII.GetString(answer[9..12]), CultureInfo.InvariantCulture);
            if (status != 100)
            {
                return status;
            }

            answer = answer[(end + 4)..];
        }

        return null;
    }
}
