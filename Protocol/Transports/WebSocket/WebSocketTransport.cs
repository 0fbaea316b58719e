namespace Kaffediem.Protocol;

/// <summary>
/// The sending half of one WebSocket connection, and its end. Frames leave by one of two paths: straight to Kestrel's
/// plain socket from the flush thread, or, where there is none (TLS ends in Kestrel, HTTP/2), into the upgraded stream.
/// The 101 answer leaves through Kestrel's pipe, whose flush does not mean "sent". So the outbox stays shut until the
/// client's first frame has arrived, which proves that the answer has been sent. A close before that goes into the
/// stream.
/// </summary>
internal sealed class WebSocketTransport : ITransport
{
    private const long NotBlocked = long.MaxValue;

    /// <summary>How much is sent at a time to a client that does not take everything at once.</summary>
    public const int SliceBytes = 64 * 1024;

    // Guards _isEnded: once the request has ended, its context may serve another request and must not be aborted.
    private readonly Lock _endLock = new();
    private readonly WebSocketConnection _connection;
    private readonly FlushLoop _flushLoop;
    private readonly SocketServices _services;
    private readonly Outbox _outbox;
    private readonly SocketFrameWriter? _socketWriter; // null where there is no plain socket
    private readonly StreamFrameWriter _streamWriter;

    // Completes when the kernel has accepted the close frame, or never will.
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _path = Path.Undecided;
    private ITimer? _closeTimer;
    private long _lastReceived;
    private long _blockedSince = NotBlocked;
    private volatile bool _isClosing;
    private bool _isCounted;
    private bool _isEnded;

    public WebSocketTransport(WebSocketConnection connection, FlushLoop flushLoop, SocketServices services)
    {
        (_connection, _flushLoop, _services) = (connection, flushLoop, services);
        _outbox = new Outbox(services.Options.MaxOutboxBytes);
        _socketWriter = connection.PlainSocket is { } socket
            ? new SocketFrameWriter(socket, _outbox, this, flushLoop)
            : null;
        _streamWriter = new StreamFrameWriter(connection.Output, _outbox, this);
        _lastReceived = services.Time.GetTimestamp();
    }

    public bool IsClosing => _isClosing;

    /// <summary>
    /// Disposed of when the close begins, on a pool thread: the closing code may hold locks, and the client may answer
    /// late or never.
    /// </summary>
    public SocketSession? Session { private get; set; }

    public long PendingBytes => _outbox.PendingBytes;

    public bool SupportsBinary => true;

    public bool AcceptsRuns => true;

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

            _closeTimer = _services.Time.CreateTimer(
                static self => ((WebSocketTransport)self!).Abort(), // the state below
                this,
                _services.Options.CloseTimeout,
                Timeout.InfiniteTimeSpan);
        }

        if (wake)
        {
            WakeWriter();
        }
    }

    public void CloseIfOverdue()
    {
        if (HasPassed(_services.Options.IdleTimeout, ref _lastReceived))
        {
            Close(CloseReason.Idle);
        }
        else if (HasPassed(_services.Options.StallTimeout, ref _blockedSince))
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
                _connection.Abort();
            }
        }

        _finished.TrySetResult();
    }

    /// <summary>Called for every piece of data from the client.</summary>
    public void OnReceived()
    {
        Volatile.Write(ref _lastReceived, _services.Time.GetTimestamp());
        if (Volatile.Read(ref _path) == Path.Undecided)
        {
            Open(_socketWriter is null ? Path.Stream : Path.Socket);
        }
    }

    /// <summary>
    /// Ends the sending half once the close frame is out, so that the client learns at once that nothing more will come
    /// (RFC 6455 §7.1.1: the server closes first). Where there is no plain socket, the client learns it when the
    /// connection ends.
    /// </summary>
    public async Task EndSendingAsync()
    {
        await _finished.Task;
        if (_path == Path.Socket)
        {
            _socketWriter?.EndSending();
        }
    }

    /// <summary>Waits until the last byte has been sent or dropped; then the request may end.</summary>
    public async Task FinishAsync()
    {
        await _finished.Task;
        await Task.WhenAll(_streamWriter.WaitAsync(), _socketWriter?.WaitAsync() ?? Task.CompletedTask);
        if (_closeTimer is { } timer)
        {
            await timer.DisposeAsync();
        }

        lock (_endLock)
        {
            _isEnded = true;
        }
    }

    /// <summary>The client does not take more now: what it has not taken begins to be overdue.</summary>
    public void OnBlocked() => Volatile.Write(ref _blockedSince, _services.Time.GetTimestamp());

    /// <summary>The client has taken something.</summary>
    public void OnUnblocked() => Volatile.Write(ref _blockedSince, NotBlocked);

    /// <summary>The outbox is empty: if it is closed, the close frame was the last thing sent.</summary>
    public void FinishIfAllSent()
    {
        if (_outbox.IsFinished)
        {
            _finished.TrySetResult();
        }
    }

    /// <summary>
    /// Small enough that a slow client, which takes a long snapshot bit by bit, is not mistaken for a stalled one.
    /// </summary>
    public static ReadOnlyMemory<byte> Slice(ReadOnlyMemory<byte> bytes) =>
        bytes[..Math.Min(bytes.Length, SliceBytes)];

    private void CountEnd(CloseReason reason)
    {
        if (!Interlocked.Exchange(ref _isCounted, true))
        {
            _services.OnClosed(reason);
        }
    }

    private bool HasPassed(TimeSpan timeout, ref long since)
    {
        var start = Volatile.Read(ref since);
        return start != NotBlocked && _services.Time.GetElapsedTime(start) >= timeout;
    }

    // The first call that opens the outbox decides on the path. It is decided before the first frame can be dequeued.
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
        if (_path == Path.Socket && _socketWriter is not null)
        {
            _flushLoop.Add(_socketWriter);
        }
        else
        {
            _streamWriter.Start();
        }
    }

    private static class Path
    {
        public const int Undecided = 0;
        public const int Socket = 1;
        public const int Stream = 2;
    }
}
