using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Kaffediem.Protocol;

/// <summary>Builds one WebSocket frame, header included, with a single allocation of its exact size.</summary>
internal sealed class FrameBuilder
{
    // Above this a payload is shared instead of copied; below it, one piece of memory is cheaper than three.
    private const int ShareFrom = 4096;

    // One per thread, for as long as one frame takes: building never awaits and never nests.
    [ThreadStatic]
    private static FrameBuilder? _cached;

    private byte[] _buffer = new byte[1024];
    private byte _firstByte;
    private int _length;
    private int _headLength;
    private ReadOnlyMemory<byte> _shared;

    /// <summary>Starts a text frame.</summary>
    public static FrameBuilder Text() => (_cached ??= new FrameBuilder()).Start(0x81);

    /// <summary>Starts a binary frame.</summary>
    public static FrameBuilder Binary() => (_cached ??= new FrameBuilder()).Start(0x82);

    public FrameBuilder Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Grow(bytes.Length));
        _length += bytes.Length;
        return this;
    }

    /// <summary>Adds a JSON string.</summary>
    public FrameBuilder String(string text) => Raw("\""u8)
        .Raw(JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes)
        .Raw("\""u8);

    /// <summary>Adds a payload. A frame has at most one.</summary>
    public FrameBuilder Payload(Payload payload)
    {
        if (payload.Bytes.Length < ShareFrom)
        {
            return Raw(payload.Bytes.Span);
        }

        _shared = payload.Bytes;
        _headLength = _length;
        return this;
    }

    // RFC 6455 §5.2, server to client, unmasked: FIN+opcode | length (7 bit, 126 + 16 bit or 127 + 64 bit) | payload
    public Frame Build()
    {
        Span<byte> header = stackalloc byte[10];
        header = header[..WriteHeader(header, _firstByte, _length + _shared.Length)];
        var frame = _shared.IsEmpty
            ? new Frame(Join(header, _buffer.AsSpan(0, _length)))
            : new Frame(
                Join(header, _buffer.AsSpan(0, _headLength)),
                _shared,
                _buffer.AsSpan(_headLength, _length - _headLength).ToArray());
        _shared = default; // the builder lives as long as its thread and must not keep the payload alive
        return frame;
    }

    /// <summary>The answer to a ping, with the ping's data: at most 125 bytes.</summary>
    public static Frame Pong(ReadOnlySpan<byte> payload) => new((byte[])[0x8A, (byte)payload.Length, .. payload]);

    /// <summary>A close frame: a status code without a reason, as in Phoenix.</summary>
    public static Frame Close(CloseReason reason)
    {
        Span<byte> payload = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)reason.Code);
        return new Frame((byte[])[0x88, 2, .. payload]);
    }

    private static int WriteHeader(Span<byte> header, byte firstByte, int length)
    {
        header[0] = firstByte;
        switch (length)
        {
            case < 126:
                header[1] = (byte)length;
                return 2;
            case <= ushort.MaxValue:
                header[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)length);
                return 4;
            default:
                header[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(header[2..], (ulong)length);
                return 10;
        }
    }

    private static byte[] Join(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var joined = GC.AllocateUninitializedArray<byte>(first.Length + second.Length);
        first.CopyTo(joined);
        second.CopyTo(joined.AsSpan(first.Length));
        return joined;
    }

    private FrameBuilder Start(byte firstByte)
    {
        _firstByte = firstByte;
        _length = 0;
        return this;
    }

    private Span<byte> Grow(int more)
    {
        if (_buffer.Length - _length < more)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + more));
        }

        return _buffer.AsSpan(_length);
    }
}
