using System.Buffers.Binary;
using System.Text;

namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>
/// One request over HTTP/2 without TLS, with pseudo-headers as they are given.
/// <code>
/// frame = length (3 bytes) type (1) flags (1) stream (4) payload          RFC 9113 §4.1
/// field = %x00 length name length value, not indexed and not compressed   RFC 7541 §6.2.2
/// </code>
/// </summary>
internal static class Http2Wire
{
    private const byte HeadersFrame = 1;
    private const byte ResetFrame = 3;
    private const byte SettingsFrame = 4;
    private const byte GoAwayFrame = 7;
    private const byte EndOfStreamAndHeaders = 0x5;

    // RFC 7541 appendix A: an index of the static table, with the bit of an indexed field.
    private static readonly Dictionary<int, int> Statuses =
        new() { [0x88] = 200, [0x89] = 204, [0x8A] = 206, [0x8B] = 304, [0x8C] = 400, [0x8D] = 404, [0x8E] = 500 };

    /// <summary>The status; 0 if the stream or the connection is refused, -1 for a status without an index.</summary>
    public static async Task<int> SendAsync(Uri server, params (string Name, string Value)[] fields)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        using var connection = await RawConnection.ConnectAsync(server);
        byte[] head = [.. fields.SelectMany(field => (byte[])[0, .. Text(field.Name), .. Text(field.Value)])];
        await connection.Stream.WriteAsync(
            (byte[])[
                .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8,
                .. Frame(SettingsFrame, flags: 0, stream: 0, []),
                .. Frame(HeadersFrame, EndOfStreamAndHeaders, stream: 1, head),
            ],
            patience.Token);
        return await ReadStatusAsync(connection.Stream, patience.Token);
    }

    private static async Task<int> ReadStatusAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[9];
        while (true)
        {
            await stream.ReadExactlyAsync(head, cancellationToken);
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >> 8];
            await stream.ReadExactlyAsync(payload, cancellationToken);
            switch (head[3])
            {
                case HeadersFrame:
                    // Changes of the table's size (§6.3) may come first.
                    var status = payload.FirstOrDefault(octet => octet is < 0x20 or >= 0x40);
                    return Statuses.GetValueOrDefault(status, -1);
                case ResetFrame or GoAwayFrame:
                    return 0;
            }
        }
    }

    private static byte[] Text(string text) => [(byte)text.Length, .. Encoding.Latin1.GetBytes(text)];

    private static byte[] Frame(byte type, byte flags, byte stream, byte[] payload) =>
        [0, (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, stream, .. payload];
}
