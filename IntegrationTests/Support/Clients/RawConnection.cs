using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>
/// A connection without a client library: sends bytes as they are, at any pace, and reads the bytes of the answer.
/// </summary>
internal sealed class RawConnection : IDisposable
{
    // Longer than the 130 s that Kestrel waits for a first request on a busy machine.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private readonly Socket _socket;

    private RawConnection(Socket socket) => (_socket, Stream) = (socket, new NetworkStream(socket, ownsSocket: true));

    public Stream Stream { get; private set; }

    /// <summary>How many bytes have arrived and have not been read.</summary>
    public int Available => _socket.Available;

    /// <summary>In bytes: how much the kernel buffers for a client that does not read.</summary>
    public int ReceiveBufferSize { set => _socket.ReceiveBufferSize = value; }

    /// <param name="server">The server.</param>
    /// <param name="from">The client's own IPv4 address; <c>null</c>: any.</param>
    /// <param name="receiveBuffer">See <see cref="ReceiveBufferSize"/>; <c>null</c>: the kernel's default.</param>
    public static async Task<RawConnection> ConnectAsync(Uri server, IPAddress? from = null, int? receiveBuffer = null)
    {
        var socket = from is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        if (receiveBuffer is { } bytes)
        {
            socket.ReceiveBufferSize = bytes; // not otherwise: Linux doubles what is set, even if it is the default
        }

        await socket.ConnectAsync(server.Host, server.Port).WaitAsync(Patience.ForTimeouts);
        return new RawConnection(socket);
    }

    /// <summary>Connects and sends a request whose answer may stay unread.</summary>
    /// <param name="server">The server.</param>
    /// <param name="requestLine">Method and path.</param>
    /// <param name="lines">Further header lines; a body follows an empty one.</param>
    public static async Task<RawConnection> RequestAsync(Uri server, string requestLine, params string[] lines)
    {
        var connection = await ConnectAsync(server);
        string[] all = [$"{requestLine} HTTP/1.1", $"Host: {server.Authority}", .. lines];
        await connection.SendAsync(string.Join("\r\n", all));
        return connection;
    }

    /// <summary>Sends a request and reads until the server ends the connection.</summary>
    public static async Task<string> ExchangeAsync(Uri server, string request, bool endsSending = false)
    {
        using var connection = await ConnectAsync(server);
        await connection.SendAsync(request);
        if (endsSending)
        {
            connection.EndSending();
        }
        return await connection.ReadToEndAsync();
    }

    /// <summary>Sends a request and resets the connection after the status.</summary>
    /// <param name="server">The server.</param>
    /// <param name="request">The bytes.</param>
    /// <param name="mayBeIncomplete">
    /// Whether the server may wait for more. The client then ends its side, which after a complete request would look
    /// like a client that leaves before the answer.
    /// </param>
    /// <returns>The status; 0 if the server ends the connection without an answer.</returns>
    public static async Task<int> AskStatusAsync(Uri server, byte[] request, bool mayBeIncomplete)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        using var connection = await ConnectAsync(server);
        try
        {
            await connection.SendAsync(request);
            if (mayBeIncomplete)
            {
                connection.EndSending();
            }
            var status = 100;
            while (status == 100) // RFC 9110 §15.2: it comes before the answer
            {
                status = StatusOf(await connection.ReadHeadAsync(patience.Token));
            }
            return status;
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            return 0; // reset: Kestrel does not read to the end what it has refused
        }
        finally
        {
            connection.Reset(); // an event stream would go on
        }
    }

    /// <summary>
    /// Leaves while the server waits for the body, many times: before and after the body's first byte, with a reset and
    /// without.
    /// </summary>
    /// <param name="server">The server.</param>
    /// <param name="requestLine">Method and path.</param>
    /// <param name="lines">Further header lines.</param>
    public static async Task BreakOffAsync(Uri server, string requestLine, params string[] lines)
    {
        for (var i = 0; i < 100; i++)
        {
            // To an Expect the server answers 100 Continue as soon as it waits for the body.
            using var connection = await RequestAsync(
                server,
                requestLine,
                [.. lines, "Expect: 100-continue", "Content-Length: 100", "", i % 2 == 0 ? "" : "["]);
            await connection.HasAnswerAsync();
            if (i % 4 < 2)
            {
                connection.Reset();
            }
        }
    }

    /// <summary>The status in an answer's head; 0 if the head is incomplete.</summary>
    public static int StatusOf(string head) => head.EndsWith("\r\n\r\n", StringComparison.Ordinal)
        ? int.Parse(head.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)
        : 0;

    /// <summary>Continues over TLS, with a server that shows the tests' own certificate.</summary>
    public async Task UseTlsAsync(string host)
    {
        var tls = new SslStream(Stream, false, (_, offered, _, _) => offered?.Subject == "CN=localhost");
        await tls.AuthenticateAsClientAsync(host);
        Stream = tls;
    }

    /// <summary>Sends text; each character stands for one byte (ISO 8859-1).</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public Task SendAsync(byte[] bytes) => Stream.WriteAsync(bytes).AsTask();

    /// <summary>Sends one byte after another until the server ends the connection.</summary>
    /// <returns>The answer.</returns>
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
                break; // what the server has sent before is still to be read
            }
            await Task.WhenAny(reading, Task.Delay(pause));
        }
        return await reading;
    }

    /// <summary>Completes when the answer, or some of it, has arrived. It stays unread.</summary>
    public async Task HasAnswerAsync() =>
        await Stream.ReadAsync(Memory<byte>.Empty).AsTask().WaitAsync(Patience.Limit);

    /// <summary>Reads an answer's head and nothing of its body.</summary>
    /// <returns>The head; a part of it if the connection ends before.</returns>
    public async Task<string> ReadHeadAsync(CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!EndsHead(head) && await Stream.ReadAsync(one, cancellationToken) > 0)
        {
            head.Append((char)one[0]);
        }
        return head.ToString();
    }

    /// <summary>Reads and drops the bytes that have arrived, 4 KB at most.</summary>
    /// <returns>How many; 0: the server has ended the connection.</returns>
    public ValueTask<int> ReadSomeAsync(CancellationToken cancellationToken) =>
        Stream.ReadAsync(new byte[4096], cancellationToken);

    /// <summary>Reads and drops everything until the server ends the connection.</summary>
    public Task DrainAsync(CancellationToken cancellationToken) =>
        Stream.CopyToAsync(System.IO.Stream.Null, cancellationToken);

    /// <summary>Reads until the server ends the connection, even with a reset.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var patience = new CancellationTokenSource(Longest);
        using var answer = new MemoryStream();
        try
        {
            await Stream.CopyToAsync(answer, patience.Token);
        }
        catch (IOException)
        {
            // A server that ends a connection while the client still sends resets it.
        }
        return Encoding.Latin1.GetString(answer.ToArray());
    }

    /// <summary>
    /// Completes when the server has cut the connection off, with a reset: the one end that a client notices without
    /// reading.
    /// </summary>
    public Task IsCutOffAsync(TimeSpan? patience = null) =>
        Polling.UntilAsync(() => _socket.Poll(TimeSpan.Zero, SelectMode.SelectError), patience);

    /// <summary>Ends the client's side; the server may still send.</summary>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server has ended the connection already.
        }
    }

    /// <summary>Ends the connection with a reset, like a client whose plug is pulled.</summary>
    public void Reset() => _socket.Close(timeout: 0);

    public void Dispose() => Stream.Dispose();

    private static bool EndsHead(StringBuilder head) => head.Length >= 4
        && head[^4] == '\r' && head[^3] == '\n' && head[^2] == '\r' && head[^1] == '\n';
}
