using System.Text;

namespace Kaffediem.Benchmarks.Load;

/// <summary>Ready-made client frames.</summary>
internal static class ClientFrame
{
    private const int MaxShortLength = 125;

    /// <summary>
    /// A text frame. RFC 6455 §5.2, client to server: 81 | masked, length (7 bit, or 126 and 16 bit) | mask | payload.
    /// </summary>
    public static byte[] Text(string text)
    {
        byte[] mask = [1, 2, 3, 4];
        var payload = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] ^= mask[i % 4];
        }

        byte[] length = payload.Length <= MaxShortLength
            ? [(byte)(0x80 | payload.Length)]
            : [0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length];
        return [0x81, .. length, .. mask, .. payload];
    }
}
