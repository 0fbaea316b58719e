using System.Buffers;
using System.IO.Pipelines;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// The body of an event stream. What is written leaves with the next flush, which waits while the client does not read:
/// one that takes nothing for the stall timeout is cut off. Every failure to write is an
/// <see cref="OperationCanceledException"/>: the client is gone.
/// </summary>
internal sealed class EventOutput(HttpContext context, TimeSpan stallTimeout, TimeProvider time) : IBufferWriter<byte>
{
    // Small enough that a slow client, which takes a long snapshot bit by bit, is not mistaken for a stalled one.
    private const int SliceBytes = 64 * 1024;

    private readonly PipeWriter _body = context.Response.BodyWriter;
    private long _lastFlushed = time.GetTimestamp();
    private int _unflushed;

    /// <summary>Whether something waits for a flush.</summary>
    public bool IsDirty => _unflushed > 0;

    /// <summary>Whether so much waits that it should be flushed before more is written.</summary>
    public bool IsFull => _unflushed >= SliceBytes;

    /// <summary>How long nothing has been sent.</summary>
    public TimeSpan Silence => time.GetElapsedTime(_lastFlushed);

    public void Advance(int count)
    {
        _body.Advance(count);
        _unflushed += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => _body.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _body.GetSpan(sizeHint);

    /// <summary>Writes and sends something long.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            var slice = bytes[..Math.Min(bytes.Length, SliceBytes)];
            bytes = bytes[slice.Length..];
            this.Write(slice.Span);
            await FlushAsync(cancellationToken);
        }
    }

    /// <summary>Sends what was written.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        _unflushed = 0;
        // Not for the token: Kestrel would drop the connection even if the client only has to be told that this is the end.
        var flush = _body.FlushAsync(CancellationToken.None);
        if ((flush.IsCompletedSuccessfully ? flush.Result : await WaitAsync(flush.AsTask(), cancellationToken)).IsCompleted)
        {
            throw new OperationCanceledException("The client is gone.");
        }

        _lastFlushed = time.GetTimestamp();
    }

    private async Task<FlushResult> WaitAsync(Task<FlushResult> flush, CancellationToken cancellationToken)
    {
        try
        {
            return await flush.WaitAsync(stallTimeout, time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // What waits in front of it would keep the connection open for as long as the client likes.
            context.Abort();
            throw new OperationCanceledException("The client does not read.", exception);
        }
    }
}
