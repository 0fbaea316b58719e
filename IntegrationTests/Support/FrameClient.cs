using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Kaffediem.IntegrationTests.Support;

/// <summary>A bare WebSocket client that can also do everything wrong: it shares no code with the server.</summary>
internal sealed class FrameClient : IClientTransport
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    private readonly TcpClient _tcp = new() { NoDelay = true };
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromSeconds(60));
    private Stream _stream = Stream.Null;

    public string ResponseHead { get; private set; } = "";

    public int Status => int.Parse(ResponseHead.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Connects and asks for an upgrade; headers that are given replace the usual ones, null leaves them out.</summary>
    public static async Task<FrameClient> ConnectAsync(
        Uri server, string pathAndQuery = "/socket/websocket?vsn=2.0.0", string method = "GET",
        params (string Name, string? Value)[] headers)
    {
        var client = new FrameClient();
        await client._tcp.ConnectAsync(server.Host, server.Port, client._timeout.Token);
        client._stream = client._tcp.GetStream();
        if (server.Scheme == "https")
        {
            var tls = new SslStream(client._stream, false, (_, offered, _, _) => offered?.Subject == "CN=localhost");
            await tls.AuthenticateAsClientAsync(server.Host);
            client._stream = tls;
        }

        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Host"] = server.Authority,
            ["Connection"] = "Upgrade",
            ["Upgrade"] = "websocket",
            ["Sec-WebSocket-Version"] = "13",
            ["Sec-WebSocket-Key"] = Key,
        };
        foreach (var (name, value) in headers)
        {
            all[name] = value;
        }

        var lines = all.Where(header => header.Value is not null).Select(header => $"{header.Key}: {header.Value}\r\n");
        await client.SendRawAsync(Encoding.ASCII.GetBytes($"{method} {pathAndQuery} HTTP/1.1\r\n{string.Concat(lines)}\r\n"));
        client.ResponseHead = await client.ReadHeadAsync();
        return client;
    }

    public Task SendTextAsync(params IReadOnlyList<string> texts) =>
        SendRawAsync([.. texts.SelectMany(text => Frame(0x1, Encoding.UTF8.GetBytes(text)))]);

    public Task SendFrameAsync(int opcode, byte[] payload, bool isFinal = true, bool isMasked = true, int reserved = 0) =>
        SendRawAsync(Frame(opcode, payload, isFinal, isMasked, reserved));

    public Task SendRawAsync(byte[] bytes) => _stream.WriteAsync(bytes, _timeout.Token).AsTask();

    /// <summary>The next frame, or null at the end of the connection.</summary>
    public async Task<(int Opcode, byte[] Payload)?> ReadFrameAsync()
    {
        var head = new byte[10];
        if (!await TryReadAsync(head.AsMemory(0, 2)))
        {
            return null;
        }

        long length = head[1] & 0x7F;
        if (length == 126)
        {
            await _stream.ReadExactlyAsync(head.AsMemory(2, 2), _timeout.Token);
            length = BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(2));
        }
        else if (length == 127)
        {
            await _stream.ReadExactlyAsync(head.AsMemory(2, 8), _timeout.Token);
            length = BinaryPrimitives.ReadInt64BigEndian(head.AsSpan(2));
        }

        Assert.True((head[0] & 0x80) != 0 && (head[1] & 0x80) == 0, "The server sends whole, unmasked frames.");
        var payload = new byte[length];
        await _stream.ReadExactlyAsync(payload, _timeout.Token);
        return (head[0] & 0x0F, payload);
    }

    public async Task<string> ReadTextAsync()
    {
        var frame = await ReadFrameAsync();
        Assert.NotNull(frame);
        Assert.True(frame.Value.Opcode == 1, $"opcode {frame.Value.Opcode}, {Convert.ToHexString(frame.Value.Payload)}");
        return Encoding.UTF8.GetString(frame.Value.Payload);
    }

    /// <summary>Reads until the close frame, whose code it returns; null when the connection just ended.</summary>
    public async Task<int?> ReadCloseCodeAsync()
    {
        while (await ReadFrameAsync() is { } frame)
        {
            if (frame.Opcode == 0x8)
            {
                return BinaryPrimitives.ReadUInt16BigEndian(frame.Payload);
            }
        }

        return null;
    }

    public async Task AssertEndAsync(int closeCode) => Assert.Equal(closeCode, await ReadCloseCodeAsync());

    /// <summary>Whether the server closes the connection without another frame.</summary>
    public async Task<bool> ReadEndAsync() => await ReadFrameAsync() is null;

    /// <summary>Stops like a client whose plug is pulled: with a reset instead of a goodbye.</summary>
    public void Reset()
    {
        _tcp.Client.LingerState = new LingerOption(true, 0);
        _tcp.Dispose();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _tcp.Dispose();
        _timeout.Dispose();
    }

    public static byte[] Frame(int opcode, byte[] payload, bool isFinal = true, bool isMasked = true, int reserved = 0)
    {
        byte[] length = payload.Length switch
        {
            < 126 => [(byte)payload.Length],
            <= ushort.MaxValue => [126, (byte)(payload.Length >> 8), (byte)payload.Length],
            _ => [127, 0, 0, 0, 0, .. BitConverter.GetBytes(payload.Length).Reverse()],
        };
        length[0] |= (byte)(isMasked ? 0x80 : 0);
        byte[] mask = isMasked ? [1, 2, 3, 4] : [];
        var masked = payload.Select((value, index) => isMasked ? (byte)(value ^ mask[index % 4]) : value);
        return [(byte)((isFinal ? 0x80 : 0) | (reserved << 4) | opcode), .. length, .. mask, .. masked];
    }

    private async Task<bool> TryReadAsync(Memory<byte> buffer)
    {
        try
        {
            return await _stream.ReadAtLeastAsync(buffer, buffer.Length, false, _timeout.Token) == buffer.Length;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await TryReadAsync(one))
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
