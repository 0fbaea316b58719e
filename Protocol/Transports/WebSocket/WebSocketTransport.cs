using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Kaffediem.Protocol;

/// <summary>
/// The sending half of one WebSocket connection, and its end. Frames leave by one of two paths: straight to Kestrel's
/// plain socket from the flush thread, or, where there is none (TLS ends in Kestrel, HTTP/2), into the upgraded stream.
/// The 101 answer leaves through Kestrel's pipe, whose flush does not mean "sent". So the outbox stays shut until the
/// client's first frame has arrived, which proves that the answer is out; a close before that takes the stream.
/// </summary>
internal sealed class WebSocketTransport(WebSocketConnection connection, SocketServices services) : ITransport
{
    private const long NotBlocked = long.MaxValue;
    private const int SliceBytes = 64 * 1024;

    // Guards _isEnded: once the request is over, its context belongs to somebody else and must not be aborted.
    private readonly Lock _endLock = new();
    private readonly Outbox _outbox = new(services.Options.MaxOutboxBytes);

    // Completes when the close frame has been handed to the kernel, or never can be.
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _path = Path.Undecided;
    private Task _writing = Task.CompletedTask;
    private ITimer? _closeTimer;
    private long _lastReceived = services.Time.GetTimestamp();
    private long _blockedSince = NotBlocked;
    private volatile bool _isClosing;
    private bool _isCounted;
    private bool _isEnded;

    public bool IsClosing => _isClosing;

    /// <summary>
    /// What ends as soon as the connection's end begins, on a thread of its own: who ends it may hold locks, and the
    /// client may take its time to answer the close, or be long dead.
    /// </summary>
    public SocketSession? Session { private get; set; }

    public long PendingBytes => _outbox.PendingBytes;

    public bool TakesBinary => true;

    public bool TakesRuns => true;

    public void Send(in Frame frame, bool isReply = false)
    {
        switch (_outbox.Enqueue(frame, isReply))
        {
            case Enqueued.Wake: WakeWriter(); break;
            case Enqueued.Full: Close(CloseReason.OutboxFull); break;
        }
    }

    public void Close(CloseReason reason)
    {
        _isClosing = true;
        Open(Path.Stream);
        var (closed, wake) = _outbox.Close(FrameBuilder.Close(reason), reason.DropsQueued);
        if (closed)
        {
            CountEnd(reason);
            if (Session is { } session)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static ended => ended.Dispose(), session, preferLocal: false);
            }

            _closeTimer = services.Time.CreateTimer(
                static self => ((WebSocketTransport)self!).Abort(),
                this,
                services.Options.CloseTimeout,
                Timeout.InfiniteTimeSpan);
        }

        if (wake)
        {
            WakeWriter();
        }
    }

    public void CloseIfOverdue()
    {
        if (HasPassed(services.Options.IdleTimeout, ref _lastReceived))
        {
            Close(CloseReason.Idle);
        }
        else if (HasPassed(services.Options.StallTimeout, ref _blockedSince))
        {
            Close(CloseReason.Stalled);
        }
    }

    /// <summary>Drops the connection at once.</summary>
    public void Abort()
    {
        _isClosing = true;
        CountEnd(CloseReason.Gone);
        lock (_endLock)
        {
            if (!_isEnded)
            {
                connection.Abort();
            }
        }

        _finished.TrySetResult();
    }

    /// <summary>Called for every piece of data from the client.</summary>
    public void OnReceived()
    {
        Volatile.Write(ref _lastReceived, services.Time.GetTimestamp());
        if (Volatile.Read(ref _path) == Path.Undecided)
        {
            Open(connection.PlainSocket is null ? Path.Stream : Path.Socket);
        }
    }

    /// <summary>
    /// Ends the sending half once the close frame is out, so that the client learns at once that nothing more will come
    /// (RFC 6455 §7.1.1: the server closes first). Where there is no plain socket it learns of it at the very end.
    /// </summary>
    public async Task EndSendingAsync()
    {
        await _finished.Task;
        if (_path != Path.Socket)
        {
            return;
        }

        try
        {
            connection.PlainSocket!.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The client has gone, or the connection was dropped.
        }
    }

    /// <summary>Waits until the last byte is out or given up; then the request may end.</summary>
    public async Task FinishAsync()
    {
        await _finished.Task;
        await _writing;
        if (_closeTimer is { } timer)
        {
            await timer.DisposeAsync();
        }

        lock (_endLock)
        {
            _isEnded = true;
        }
    }

    /// <summary>Sends all that is queued without blocking. Called by the flush thread only.</summary>
    public void Flush(byte[] buffer)
    {
        while (_outbox.TryTake(buffer, out var bytes))
        {
            if (TrySend(bytes.Span) is not { } sent)
            {
                Abort();
                return;
            }

            if (sent < bytes.Length)
            {
                // The kernel's buffer is full: wait for it off this thread. What lies in this thread's buffer must
                // move.
                var rest = bytes[sent..];
                _writing = SendRestAsync(IsIn(buffer, rest) ? rest.ToArray() : rest);
                return;
            }
        }

        FinishIfClosed();
    }

    private void CountEnd(CloseReason reason)
    {
        if (!Interlocked.Exchange(ref _isCounted, true))
        {
            services.OnClosed(reason);
        }
    }

    private bool HasPassed(TimeSpan timeout, ref long since)
    {
        var start = Volatile.Read(ref since);
        return start != NotBlocked && services.Time.GetElapsedTime(start) >= timeout;
    }

    private int? TrySend(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var sent = connection.PlainSocket!.Send(bytes, SocketFlags.None, out var error);
            return error switch
            {
                SocketError.Success => sent,
                SocketError.WouldBlock => 0,
                _ => null,
            };
        }
        catch (ObjectDisposedException)
        {
            return null; // Kestrel has closed the connection meanwhile
        }
    }

    private async Task SendRestAsync(ReadOnlyMemory<byte> rest)
    {
        try
        {
            while (!rest.IsEmpty)
            {
                Volatile.Write(ref _blockedSince, services.Time.GetTimestamp());
                rest = rest[await connection.PlainSocket!.SendAsync(Slice(rest), SocketFlags.None)..];
            }

            Volatile.Write(ref _blockedSince, NotBlocked);
            services.FlushLoop.Add(this);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            Abort();
        }
    }

    private async Task DrainIntoStreamAsync()
    {
        await Task.Yield(); // the broadcaster goes on with the next subscriber
        var buffer = ArrayPool<byte>.Shared.Rent(SliceBytes);
        try
        {
            while (_outbox.TryTake(buffer, out var bytes))
            {
                await WriteAsync(bytes);
            }

            FinishIfClosed();
        }
        catch (Exception exception)
            when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            Abort();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        for (; !bytes.IsEmpty; bytes = bytes[Slice(bytes).Length..])
        {
            Volatile.Write(ref _blockedSince, services.Time.GetTimestamp());
            await connection.Output.WriteAsync(Slice(bytes));
            Volatile.Write(ref _blockedSince, NotBlocked);
        }
    }

    // Small enough that a slow client, which takes a long snapshot bit by bit, is not mistaken for a stalled one.
    private static ReadOnlyMemory<byte> Slice(ReadOnlyMemory<byte> bytes) =>
        bytes[..Math.Min(bytes.Length, SliceBytes)];

    // Whoever opens the outbox first decides on the path; it is decided before the first frame can be taken.
    private void Open(int path)
    {
        Interlocked.CompareExchange(ref _path, path, Path.Undecided);
        if (_outbox.Open())
        {
            WakeWriter();
        }
    }

    private void WakeWriter()
    {
        if (_path == Path.Stream)
        {
            _writing = DrainIntoStreamAsync();
        }
        else
        {
            services.FlushLoop.Add(this);
        }
    }

    private void FinishIfClosed()
    {
        if (_outbox.IsFinished)
        {
            _finished.TrySetResult();
        }
    }

    private static bool IsIn(byte[] buffer, ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Array == buffer;

    private static class Path
    {
        public const int Undecided = 0;
        public const int Socket = 1;
        public const int Stream = 2;
    }
}
