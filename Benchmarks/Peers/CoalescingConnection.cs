using System.Buffers;

namespace Kaffediem.Benchmarks.Peers;

/// <summary>Sends ready-made frames: everything queued leaves in one write to Kestrel's stream.</summary>
internal sealed class CoalescingConnection(UpgradedStream stream) : IPeerConnection
{
    private const int BufferBytes = 64 * 1024;

    private readonly FrameQueue _queue = new();

    public void Send(PeerFrame frame)
    {
        if (_queue.Enqueue(frame))
        {
            _ = DrainAsync();
        }
    }

    public Task<bool> ReceiveAsync(CancellationToken cancellationToken) => stream.ReceiveAsync(cancellationToken);

    private async Task DrainAsync()
    {
        await Task.Yield();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (_queue.TryDequeueAll(buffer, out var bytes))
            {
                await stream.WriteAsync(bytes);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client has gone.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
