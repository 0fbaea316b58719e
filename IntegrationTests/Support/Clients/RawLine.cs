using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>
/// A connection to the server that speaks no protocol: bytes, at whatever pace, and what is answered.
/// </summary>
internal sealed class RawLine : IDisposable
{
    // More than the 130 s that Kestrel waits for a first request, and than a busy machine takes.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private RawLine(Socket socket) => (_socket, _stream) = (socket, new NetworkStream(socket, ownsSocket: true));

    /// <param name="server">Where the server is.</param>
    /// <param name="from">The client's own address, one of IPv4; <c>null</c>: any.</param>
    /// <param name="receiveBuffer">How many bytes the kernel accepts for it; <c>null</c>: as many as usual.</param>
    public static async Task<RawLine> ConnectAsync(Uri server, IPAddress? from = null, int? receiveBuffer = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.ReceiveBufferSize = receiveBuffer ?? socket.ReceiveBufferSize;
        socket.Bind(new IPEndPoint(from ?? IPAddress.Any, 0));
        await socket.ConnectAsync(server.Host, server.Port);
        return new RawLine(socket);
    }

    /// <summary>Sends a request and reads what is answered until the server hangs up.</summary>
    public static async Task<string> ExchangeAsync(Uri server, string request, bool endsSending = false)
    {
        using var line = await ConnectAsync(server);
        await line.SendAsync(request);
        if (endsSending)
        {
            line.EndSending();
        }

        return await line.ReadToEndAsync();
    }

    /// <summary>Sends text; what is no ASCII in it stands for single bytes.</summary>
    public Task SendAsync(string text) => _stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

    /// <summary>Sends bytes.</summary>
    public Task SendAsync(byte[] bytes) => _stream.WriteAsync(bytes).AsTask();

    /// <summary>Reads an answer's head, and whatever comes with it.</summary>
    /// <returns>The head; what has come of it, if the server hangs up.</returns>
    public async Task<string> ReadHeadAsync(CancellationToken cancellationToken)
    {
        var head = "";
        var buffer = new byte[4096];
        while (!head.Contains("\r\n\r\n", StringComparison.Ordinal)
            && await _stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            head += Encoding.Latin1.GetString(buffer, 0, read);
        }

        return head;
    }

    /// <summary>Reads and forgets some bytes, as many as have come and 4 KB at most.</summary>
    /// <returns>How many; 0: the server has hung up.</returns>
    public ValueTask<int> ReadSomeAsync(CancellationToken cancellationToken) =>
        _stream.ReadAsync(new byte[4096], cancellationToken);

    /// <summary>Reads and forgets everything until the server hangs up.</summary>
    /// <returns>How many bytes that were.</returns>
    public async Task<long> DrainAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[65_536];
        var drained = 0L;
        while (await _stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            drained += read;
        }

        return drained;
    }

    /// <summary>Goes on sending one byte after the other until the server hangs up.</summary>
    /// <returns>What it has answered.</returns>
    public async Task<string> DripAsync(string endless, TimeSpan pause)
    {
        var reading = ReadToEndAsync();
        for (var i = 0; !reading.IsCompleted; i++)
        {
            try
            {
                await SendAsync(endless[(i % endless.Length)..][..1]);
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                break; // what it has said before is still to be read
            }

            await Task.WhenAny(reading, Task.Delay(pause));
        }

        return await reading;
    }

    /// <summary>Everything until the server hangs up, even with a reset.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await _stream.ReadAsync(buffer, patience.Token) is > 0 and var read)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // Whoever hangs up while the other still speaks resets.
        }

        return answer.ToString();
    }

    /// <summary>Says nothing more, but goes on to listen.</summary>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // It has hung up already.
        }
    }

    /// <summary>Hangs up with a reset, as a program that is killed.</summary>
    public void HangUp() => _socket.Close(timeout: 0);

    public void Dispose() => _stream.Dispose();
}
