using System.Buffers.Binary;
using System.Text;

namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>A plain WebSocket client that can also send anything invalid: it shares no code with the server.</summary>
internal sealed class FrameClient : IClientTransport
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    private static readonly byte[] Mask = [1, 2, 3, 4];

    private readonly RawConnection _connection;

    private FrameClient(RawConnection connection) => _connection = connection;

    /// <summary>How long each of its reads and writes may take.</summary>
    public TimeSpan Patience { private get; set; } = Support.Patience.Limit;

    /// <inheritdoc cref="RawConnection.ReceiveBufferSize"/>
    public int ReceiveBufferSize { set => _connection.ReceiveBufferSize = value; }

    /// <inheritdoc cref="RawConnection.Available"/>
    public int Available => _connection.Available;

    public string ResponseHead { get; private set; } = "";

    public int Status => RawConnection.StatusOf(ResponseHead);

    /// <summary>
    /// Connects and sends an upgrade request; given headers replace the usual ones, null removes one.
    /// </summary>
    public static async Task<FrameClient> ConnectAsync(
        Uri server, string pathAndQuery = "/socket/websocket?vsn=2.0.0", string method = "GET",
        params (string Name, string? Value)[] headers)
    {
        var client = new FrameClient(await RawConnection.ConnectAsync(server));
        if (server.Scheme == "https")
        {
            await client._connection.UseTlsAsync(server.Host);
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
        await client.SendRawAsync(
            Encoding.UTF8.GetBytes($"{method} {pathAndQuery} HTTP/1.1\r\n{string.Concat(lines)}\r\n"));
        client.ResponseHead = await client._connection.ReadHeadAsync(CancellationToken.None).WaitAsync(client.Patience);
        return client;
    }

    public Task SendTextAsync(params IReadOnlyList<string> texts) =>
        SendRawAsync([.. texts.SelectMany(text => Frame(0x1, Encoding.UTF8.GetBytes(text)))]);

    public Task SendFrameAsync(
        int opcode, byte[] payload, bool isFinal = true, bool isMasked = true, int reserved = 0) =>
        SendRawAsync(Frame(opcode, payload, isFinal, isMasked, reserved));

    public Task SendRawAsync(byte[] bytes) => _connection.Stream.WriteAsync(bytes).AsTask().WaitAsync(Patience);

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
            await ReadExactlyAsync(head.AsMemory(2, 2));
            length = BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(2));
        }
        else if (length == 127)
        {
            await ReadExactlyAsync(head.AsMemory(2, 8));
            length = BinaryPrimitives.ReadInt64BigEndian(head.AsSpan(2));
        }

        Assert.True((head[0] & 0x80) != 0 && (head[1] & 0x80) == 0, "The server sends whole, unmasked frames.");
        var payload = new byte[length];
        await ReadExactlyAsync(payload);
        return (head[0] & 0x0F, payload);
    }

    /// <summary>Exactly that many bytes.</summary>
    public async Task<byte[]> ReadBytesAsync(int count)
    {
        var bytes = new byte[count];
        await ReadExactlyAsync(bytes);
        return bytes;
    }

    /// <summary>Everything up to the end of the connection, which must not be a reset.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using var bytes = new MemoryStream();
        await _connection.Stream.CopyToAsync(bytes).WaitAsync(Patience);
        return bytes.ToArray();
    }

    public async Task<string> ReadTextAsync()
    {
        var frame = await ReadFrameAsync();
        Assert.NotNull(frame);
        Assert.True(
            frame.Value.Opcode == 1, $"opcode {frame.Value.Opcode}, {Convert.ToHexString(frame.Value.Payload)}");
        return Encoding.UTF8.GetString(frame.Value.Payload);
    }

    /// <summary>Reads up to the close frame and returns its code; null if the connection ends without one.</summary>
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

    /// <summary>The body of an answer that is not an upgrade.</summary>
    public async Task<string> ReadBodyAsync()
    {
        var length = ResponseHead.Split("Content-Length: ")[1].Split("\r\n")[0];
        var body = new byte[int.Parse(length, System.Globalization.CultureInfo.InvariantCulture)];
        await ReadExactlyAsync(body);
        return Encoding.UTF8.GetString(body);
    }

    public async Task AssertEndAsync(int closeCode) => Assert.Equal(closeCode, await ReadCloseCodeAsync());

    /// <summary>Whether the server closes the connection without another frame.</summary>
    public async Task<bool> ReadEndAsync() => await ReadFrameAsync() is null;

    /// <summary>Completes when the server has cut the connection off, with a reset; nothing is read.</summary>
    public Task IsCutOffAsync() => _connection.IsCutOffAsync(Patience);

    /// <summary>Ends the client's side; the server may still send.</summary>
    public void EndSending() => _connection.EndSending();

    /// <summary>Ends the connection with a reset, like a client whose plug is pulled.</summary>
    public void Reset() => _connection.Reset();

    public void Dispose() => _connection.Dispose();

    public static byte[] Frame(
        int opcode, byte[] payload, bool isFinal = true, bool isMasked = true, int reserved = 0, byte[]? mask = null,
        int lengthBits = 0)
    {
        mask ??= Mask;
        var masked = payload.Select((value, index) => isMasked ? (byte)(value ^ mask[index % 4]) : value);
        return [.. Header(opcode, (ulong)payload.Length, isFinal, isMasked, reserved, mask, lengthBits), .. masked];
    }

    /// <summary>A frame's header (RFC 6455 §5.2), its length in 7, 16 or 64 bits (default: the fewest).</summary>
    public static byte[] Header(
        int opcode, ulong length, bool isFinal = true, bool isMasked = true, int reserved = 0, byte[]? mask = null,
        int lengthBits = 0)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, length);
        var shortest = length < 126 ? 7 : length <= ushort.MaxValue ? 16 : 64;
        byte[] encoded = Math.Max(shortest, lengthBits) switch
        {
            7 => [bytes[7]],
            16 => [126, .. bytes[6..]],
            _ => [127, .. bytes],
        };
        encoded[0] |= (byte)(isMasked ? 0x80 : 0);
        return [(byte)((isFinal ? 0x80 : 0) | (reserved << 4) | opcode), .. encoded, .. isMasked ? mask ?? Mask : []];
    }

    private Task ReadExactlyAsync(Memory<byte> buffer) =>
        _connection.Stream.ReadExactlyAsync(buffer).AsTask().WaitAsync(Patience);

    private async Task<bool> TryReadAsync(Memory<byte> buffer)
    {
        try
        {
            var read = _connection.Stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false);
            return await read.AsTask().WaitAsync(Patience) == buffer.Length;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
