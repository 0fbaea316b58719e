using System.Buffers;
using System.IO.Pipelines;
using Kaffediem.Protocol;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Kaffediem.Server.Admission;

/// <summary>
/// The body of a long answer or an event stream. Written bytes leave with the next flush, which waits while the client
/// does not read. A client that reads nothing for the stall timeout is cut off, and so is one that reads more slowly
/// than allowed. Every failure to write is an <see cref="OperationCanceledException"/>: the client has gone.
/// </summary>
internal sealed class PacedOutput : IBufferWriter<byte>
{
    // Small enough that a slow client, which reads a long snapshot bit by bit, is not mistaken for a stalled one.
    public const int SliceBytes = 64 * 1024;

    private readonly HttpContext _context;
    private readonly TimeSpan _stallTimeout;
    private readonly int _minBytesPerSecond;
    private readonly TimeProvider _time;
    private readonly PipeWriter _body;
    private long _lastFlushed;
    private int _unflushed;

    // How much was sent, and how long the server waited for the client.
    private long _sent;
    private TimeSpan _waited;

    /// <param name="context">The request that is answered.</param>
    /// <param name="stallTimeout">How long the client may read nothing while bytes wait.</param>
    /// <param name="minBytesPerSecond">
    /// How fast the client has to read on average, once the server has waited for it that long.
    /// </param>
    /// <param name="time">Measures both.</param>
    public PacedOutput(HttpContext context, TimeSpan stallTimeout, int minBytesPerSecond, TimeProvider time)
    {
        (_context, _stallTimeout, _minBytesPerSecond, _time) = (context, stallTimeout, minBytesPerSecond, time);
        _body = context.Response.BodyWriter;
        _lastFlushed = time.GetTimestamp();
        context.LimitUnsentBytes();
        // Kestrel's own rule (240 bytes a second, after five seconds) would cut off clients that are still allowed
        // here.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    /// <summary>Whether written bytes wait for a flush.</summary>
    public bool IsDirty => _unflushed > 0;

    /// <summary>Whether enough bytes wait that they should be flushed before more are written.</summary>
    public bool IsFull => _unflushed >= SliceBytes;

    /// <summary>The time since the last flush.</summary>
    public TimeSpan Silence => _time.GetElapsedTime(_lastFlushed);

    public void Advance(int count)
    {
        _body.Advance(count);
        _unflushed += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => _body.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _body.GetSpan(sizeHint);

    /// <summary>Writes and flushes bytes of any length, slice by slice.</summary>
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

    /// <summary>Sends the written bytes.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        _sent += _unflushed;
        _unflushed = 0;
        var begun = _time.GetTimestamp();
        // Without the token: Kestrel would drop the connection even if only the end of the answer is left to send.
        var flush = _body.FlushAsync(CancellationToken.None);
        var result = flush.IsCompletedSuccessfully
            ? flush.Result
            : await WaitAsync(flush.AsTask(), begun, cancellationToken);
        if (result.IsCompleted)
        {
            throw new OperationCanceledException("The client has gone.");
        }

        _lastFlushed = _time.GetTimestamp();
    }

    private async Task<FlushResult> WaitAsync(
        Task<FlushResult> flush, long begun, CancellationToken cancellationToken)
    {
        try
        {
            var result = await flush.WaitAsync(_stallTimeout, _time, cancellationToken);
            _waited += _time.GetElapsedTime(begun);
            return IsTooSlow ? throw new TimeoutException("The client reads too slowly.") : result;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // Bytes that wait in front of the answer would keep the connection open for as long as the client likes.
            _context.Abort();
            throw new OperationCanceledException("The client does not read.", exception);
        }
    }

    private bool IsTooSlow =>
        _waited > _stallTimeout && _sent < (_waited - _stallTimeout).TotalSeconds * _minBytesPerSecond;
}
