using System.Buffers.Binary;

namespace Kaffediem.Protocol;

/// <summary>
/// Finds the frames in the server's bytes, wherever its writes cut them (RFC 6455 §5.2, server to client,
/// unmasked): FIN+opcode | length (7 bit, 126 + 16 bit or 127 + 64 bit) | payload
/// </summary>
internal sealed class ServerFrameReader
{
    private readonly byte[] _header = new byte[10];
    private int _headerLength;
    private long _left;

    private bool HasHeader => _headerLength >= 2 && _headerLength == FullHeaderLength;

    private int FullHeaderLength => _header[1] switch { 126 => 4, 127 => 10, _ => 2 };

    /// <summary>Cuts the next piece of a frame's payload off the front of the bytes.</summary>
    /// <returns><c>false</c> when no bytes are left.</returns>
    public bool TryRead(ref ReadOnlyMemory<byte> bytes, out Piece piece)
    {
        piece = default;
        while (!HasHeader)
        {
            if (bytes.IsEmpty)
            {
                return false;
            }

            _header[_headerLength++] = bytes.Span[0];
            bytes = bytes[1..];
            _left = HasHeader ? ReadLength() : 0;
        }

        if (bytes.IsEmpty && _left > 0)
        {
            return false;
        }

        var length = (int)Math.Min(bytes.Length, _left);
        _left -= length;
        piece = new Piece(_header[0] & 0x0F, bytes[..length], EndsFrame: _left == 0);
        bytes = bytes[length..];
        if (_left == 0)
        {
            _headerLength = 0;
        }

        return true;
    }

    private long ReadLength() => FullHeaderLength switch
    {
        4 => BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(2)),
        10 => BinaryPrimitives.ReadInt64BigEndian(_header.AsSpan(2)),
        _ => _header[1],
    };

    /// <summary>A part of one frame's payload; all of it, if the frame was written at once.</summary>
    internal readonly record struct Piece(int Opcode, ReadOnlyMemory<byte> Bytes, bool EndsFrame);
}
