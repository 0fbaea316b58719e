using System.Net.WebSockets;

namespace Kaffediem.Benchmarks.Peers;

/// <summary>The textbook way: the framework's WebSocket, and one <c>SendAsync</c> per frame.</summary>
internal sealed class FrameConnection(WebSocket webSocket) : IPeerConnection
{
    private readonly FrameQueue _queue = new();

    public void Send(PeerFrame frame)
    {
        if (_queue.Enqueue(frame))
        {
            _ = DrainAsync();
        }
    }

    public async Task<bool> ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[1024];
        var result = await webSocket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
        return result.MessageType != WebSocketMessageType.Close;
    }

    // Without the yield the broadcaster would itself send to one connection after the other, and no frames would queue
    // up.
    private async Task DrainAsync()
    {
        await Task.Yield();
        try
        {
            while (_queue.TryDequeue(out var frame))
            {
                await webSocket.SendAsync(frame!.Payload, WebSocketMessageType.Text, endOfMessage: true, default);
            }
        }
        catch (WebSocketException)
        {
            // The client has gone.
        }
    }
}
