using System.Text;

namespace Kaffediem.Benchmarks.Peers;

/// <summary>A ready-made WebSocket frame, the same bytes for every subscriber.</summary>
internal sealed record PeerFrame(byte[] Bytes, int HeaderBytes)
{
    private const int MaxShortLength = 125;

    public ReadOnlyMemory<byte> Payload => Bytes.AsMemory(HeaderBytes);

    /// <summary>RFC 6455 §5.2, server to client, text: 81 | length (7 bit, or 126 and 16 bit) | payload.</summary>
    public static PeerFrame Text(string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        byte[] header = payload.Length <= MaxShortLength
            ? [0x81, (byte)payload.Length]
            : [0x81, 126, (byte)(payload.Length >> 8), (byte)payload.Length];
        return new PeerFrame([.. header, .. payload], header.Length);
    }
}
