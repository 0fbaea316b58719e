using System.Buffers;

namespace Kaffediem.Protocol;

/// <summary>
/// Writes the queued frames of one connection into its upgraded stream: where there is no plain socket (TLS ends in
/// Kestrel, HTTP/2), and for a close before the client's first frame.
/// </summary>
internal sealed class StreamFrameWriter(Stream output, Outbox outbox, WebSocketTransport transport)
{
    private Task _writing = Task.CompletedTask;

    /// <summary>Writes until the outbox is empty. Called when the outbox asks for a writer.</summary>
    public void Start() => _writing = WriteAllAsync();

    /// <summary>Completes when nothing is being written.</summary>
    public Task WaitAsync() => _writing;

    private async Task WriteAllAsync()
    {
        await Task.Yield(); // the broadcaster goes on with the next subscriber
        var buffer = ArrayPool<byte>.Shared.Rent(WebSocketTransport.SliceBytes);
        try
        {
            while (outbox.TryDequeue(buffer, out var bytes))
            {
                await WriteAsync(bytes);
            }

            transport.FinishIfAllSent();
        }
        catch (Exception exception)
            when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            transport.Abort();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var slice = WebSocketTransport.Slice(bytes);
            transport.OnBlocked();
            await output.WriteAsync(slice);
            transport.OnUnblocked();
            bytes = bytes[slice.Length..];
        }
    }
}
