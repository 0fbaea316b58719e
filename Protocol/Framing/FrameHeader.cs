using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Kaffediem.Protocol;

/// <summary>
/// The header of a frame from the client, and how its payload is read (RFC 6455 §5.2):
/// FIN, RSV and opcode | MASK and length (7 bit, 126 + 16 bit or 127 + 64 bit) | mask | payload
/// </summary>
/// <param name="IsFinal">Whether it is the last frame of its message.</param>
/// <param name="Opcode">The kind of frame.</param>
/// <param name="PayloadStart">The length of the header, mask included.</param>
/// <param name="PayloadLength">The length of the payload, in bytes.</param>
internal readonly record struct FrameHeader(bool IsFinal, int Opcode, int PayloadStart, long PayloadLength)
{
    public const int Continuation = 0x0;
    public const int Text = 0x1;
    public const int Binary = 0x2;
    public const int Close = 0x8;
    public const int Ping = 0x9;
    public const int Pong = 0xA;

    private const int MaskLength = 4;
    private const int MaxControlLength = 125;

    public bool IsControl => Opcode >= Close;

    /// <summary>Reads the header at the front of the received bytes. Its mask need not have arrived.</summary>
    /// <param name="bytes">The received bytes.</param>
    /// <param name="fault">The fault of the frame itself, found as soon as the wrong bytes have arrived.</param>
    /// <returns><c>null</c> when there is a fault, or the header is incomplete.</returns>
    public static FrameHeader? Read(in ReadOnlySequence<byte> bytes, out CloseReason? fault)
    {
        fault = null;
        if (bytes.Length < 2)
        {
            return null;
        }

        Span<byte> start = stackalloc byte[(int)Math.Min(bytes.Length, 10)];
        bytes.Slice(0, start.Length).CopyTo(start);
        if (!IsAllowed(start[0], start[1]))
        {
            fault = CloseReason.ProtocolError;
            return null;
        }

        var lengthEnd = (start[1] & 0x7F) switch { 126 => 4, 127 => 10, _ => 2 };
        if (start.Length < lengthEnd)
        {
            return null;
        }

        var opcode = start[0] & 0x0F;
        var length = lengthEnd switch
        {
            4 => BinaryPrimitives.ReadUInt16BigEndian(start[2..]),
            10 => BinaryPrimitives.ReadInt64BigEndian(start[2..]),
            _ => start[1] & 0x7F,
        };

        // RFC 6455 §5.2: the most significant bit must be 0; §5.5: a control frame has 125 bytes at most.
        var isLengthAllowed = length >= 0 && (opcode < Close || length <= MaxControlLength);
        fault = isLengthAllowed ? null : CloseReason.ProtocolError;
        return fault is null ? new(start[0] >= 0x80, opcode, lengthEnd + MaskLength, length) : null;
    }

    /// <summary>Copies the payload, unmasked, out of a frame that has arrived whole.</summary>
    public byte[] ReadPayload(in ReadOnlySequence<byte> frame)
    {
        var payload = GC.AllocateUninitializedArray<byte>((int)PayloadLength);
        frame.Slice(PayloadStart, PayloadLength).CopyTo(payload);
        Span<byte> mask = stackalloc byte[sizeof(ulong)];
        frame.Slice(PayloadStart - MaskLength, MaskLength).CopyTo(mask);
        mask[..MaskLength].CopyTo(mask[MaskLength..]);

        // RFC 6455 §5.3: byte i of the payload is masked with byte i modulo 4 of the mask. Eight at a time.
        var mask64 = MemoryMarshal.Read<ulong>(mask);
        foreach (ref var word in MemoryMarshal.Cast<byte, ulong>(payload.AsSpan()))
        {
            word ^= mask64;
        }

        for (var i = payload.Length & ~7; i < payload.Length; i++)
        {
            payload[i] ^= mask[i % MaskLength];
        }

        return payload;
    }

    private static bool IsAllowed(byte first, byte second)
    {
        var opcode = first & 0x0F;
        return (first & 0x70) == 0 // §5.2: no extension gives RSV1 to RSV3 a meaning
            && opcode is <= Binary or (>= Close and <= Pong) // §5.2: the others are reserved
            && (second & 0x80) != 0 // §5.1: a server must close when a frame is not masked
            && (opcode < Close || (first & 0x80) != 0); // §5.5: a control frame is not fragmented
    }
}
