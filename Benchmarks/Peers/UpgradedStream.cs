using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kaffediem.Benchmarks.Peers;

/// <summary>A connection after the WebSocket handshake, without the framework's WebSocket.</summary>
internal sealed class UpgradedStream(Stream stream)
{
    // RFC 6455 §1.3
    private const string KeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    public static async Task<UpgradedStream> AcceptAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.Upgrade = "websocket";
        headers.Connection = "Upgrade";
        headers.SecWebSocketAccept = AnswerTo(context.Request.Headers.SecWebSocketKey);
        return new UpgradedStream(await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync());
    }

    /// <summary>
    /// Waits without a buffer, then reads and discards the available bytes. A client sends only its join, in one piece.
    /// </summary>
    /// <returns><c>false</c> at the end of the stream.</returns>
    public async Task<bool> ReceiveAsync(CancellationToken cancellationToken)
    {
        _ = await stream.ReadAsync(Memory<byte>.Empty, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            return await stream.ReadAsync(buffer, cancellationToken) > 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 requires SHA-1; it protects no secret.")]
    private static string AnswerTo(string? key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + KeySuffix)));
}
