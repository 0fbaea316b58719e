using System.Buffers.Binary;

namespace Kaffediem.Benchmarks.Load;

/// <summary>
/// The bounds of a server's frame. RFC 6455 §5.2, unmasked, with the length in one of its three forms.
/// </summary>
internal readonly record struct ServerFrame(int HeaderBytes, long PayloadBytes, bool IsData)
{
    private const int FirstControlOpcode = 8;

    /// <returns><c>false</c> while the header is incomplete.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ServerFrame frame)
    {
        frame = default;
        if (bytes.Length < 2)
        {
            return false;
        }

        var isData = (bytes[0] & 15) < FirstControlOpcode;
        var headerBytes = bytes[1] switch { < 126 => 2, 126 => 4, _ => 10 };
        if (bytes.Length < headerBytes)
        {
            return false;
        }

        frame = new ServerFrame(headerBytes, PayloadLength(bytes, headerBytes), isData);
        return true;
    }

    private static long PayloadLength(ReadOnlySpan<byte> bytes, int headerBytes) => headerBytes switch
    {
        2 => bytes[1],
        4 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
        _ => BinaryPrimitives.ReadInt64BigEndian(bytes[2..]),
    };
}
