using System.Buffers;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Kaffediem.Benchmarks.Peers;

/// <summary>
/// A WebSocket server that only keeps a list of its connections and echoes their messages. It uses as little memory as
/// the framework allows: no buffer while a client is silent.
/// </summary>
internal sealed class EchoPeer
{
    private const int BufferBytes = 4096;

    private readonly Lock _lock = new();
    private readonly List<WebSocket> _connections = [];

    public void Map(WebApplication app) => app.Map("/socket/websocket", ServeAsync);

    private async Task ServeAsync(HttpContext context)
    {
        var webSocket = await context.WebSockets.AcceptWebSocketAsync();
        lock (_lock)
        {
            _connections.Add(webSocket);
        }

        try
        {
            while (await EchoAsync(webSocket))
            {
            }
        }
        catch (WebSocketException)
        {
            // The client has gone.
        }
        finally
        {
            lock (_lock)
            {
                _connections.Remove(webSocket);
            }
        }
    }

    // The messages of the load client are short: each fits into the buffer.
    private static async Task<bool> EchoAsync(WebSocket webSocket)
    {
        await webSocket.ReceiveAsync(Memory<byte>.Empty, default);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var result = await webSocket.ReceiveAsync(buffer.AsMemory(), default);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return false;
            }

            await webSocket.SendAsync(
                buffer.AsMemory(0, result.Count), result.MessageType, result.EndOfMessage, default);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
