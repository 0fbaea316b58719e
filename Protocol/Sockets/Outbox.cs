namespace Kaffediem.Protocol;

/// <summary>The next step of the sender of a frame.</summary>
internal enum Enqueued
{
    /// <summary>
    /// Nothing: the writer is at work and will send it, or the outbox is closed and the frame is dropped.
    /// </summary>
    Done,

    /// <summary>Wake the writer, which is not at work.</summary>
    Wake,

    /// <summary>Cut the client off: it has not read earlier frames.</summary>
    Full,
}

/// <summary>
/// Everything that is written to a connection after its upgrade, as whole frames, in order: broadcasts, replies, pongs,
/// the close frame. Bounded in bytes. Overflow policy: the client is cut off, with a code that makes it reconnect. Many
/// threads enqueue, and one writer at a time dequeues.
/// </summary>
internal sealed class Outbox(int maxBytes)
{
    // Capacity beyond this is released after a burst, so that an idle connection keeps next to nothing.
    private const int IdleCapacity = 32;

    // Guards everything below, for a few instructions at a time: a lock, since broadcasters, channels and the
    // connection's own read loop all enqueue.
    private readonly Lock _lock = new();
    private readonly Queue<Piece> _queue = new();
    private ByteBudget _pending = new(maxBytes);
    private bool _isMidFrame;
    private bool _isOpen;
    private bool _isWriting;
    private bool _isClosed;

    /// <summary>
    /// Lets the writer begin. Before that frames only queue up: see <see cref="WebSocketTransport"/>.
    /// </summary>
    /// <returns>Whether the writer has to be woken.</returns>
    public bool Open()
    {
        lock (_lock)
        {
            _isOpen = true;
            return ClaimWriter();
        }
    }

    /// <summary>Queues a frame.</summary>
    public Enqueued Enqueue(in Frame frame, bool isReply)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return Enqueued.Done;
            }

            if (!_pending.Fits(frame.Length, isReply))
            {
                return Enqueued.Full;
            }

            Add(frame, isReply);
            return ClaimWriter() ? Enqueued.Wake : Enqueued.Done;
        }
    }

    /// <summary>Queues the last frame. Later ones are dropped.</summary>
    /// <param name="closeFrame">The close frame.</param>
    /// <param name="dropQueued">
    /// Whether frames that still wait are dropped, because the client does not read them.
    /// </param>
    /// <returns>Whether this call closed it, and whether the writer has to be woken.</returns>
    public (bool Closed, bool Wake) Close(in Frame closeFrame, bool dropQueued)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return (false, false);
            }

            _isClosed = true;
            if (dropQueued)
            {
                DropWholeFrames();
            }

            Add(closeFrame, isReply: true);
            return (true, ClaimWriter());
        }
    }

    /// <summary>
    /// Dequeues everything, up to the buffer's size. For the one writer only. A single frame is not copied.
    /// </summary>
    /// <returns><c>false</c> when nothing is left. The writer then stops, and is woken for the next frame.</returns>
    public bool TryDequeue(byte[] buffer, out ReadOnlyMemory<byte> bytes)
    {
        lock (_lock)
        {
            if (_queue.Count == 0)
            {
                _isWriting = false;
                _queue.TrimExcess(Math.Min(_queue.Capacity, IdleCapacity));
                bytes = default;
                return false;
            }

            bytes = _queue.Count == 1 || _queue.Peek().Bytes.Length > buffer.Length ? Dequeue() : Gather(buffer);
            return true;
        }
    }

    /// <summary>How many bytes wait.</summary>
    public long PendingBytes
    {
        get
        {
            lock (_lock)
            {
                return _pending.Total;
            }
        }
    }

    /// <summary>Whether the close frame has been dequeued, as the last one.</summary>
    public bool IsFinished
    {
        get
        {
            lock (_lock)
            {
                return _isClosed && _queue.Count == 0;
            }
        }
    }

    private ReadOnlyMemory<byte> Gather(byte[] buffer)
    {
        var length = 0;
        while (_queue.TryPeek(out var next) && length + next.Bytes.Length <= buffer.Length)
        {
            var bytes = Dequeue();
            bytes.CopyTo(buffer.AsMemory(length));
            length += bytes.Length;
        }

        return buffer.AsMemory(0, length);
    }

    private ReadOnlyMemory<byte> Dequeue()
    {
        var piece = _queue.Dequeue();
        _isMidFrame = !piece.EndsFrame;
        _pending.Remove(piece.Bytes.Length, piece.IsReply);
        return piece.Bytes;
    }

    private void Add(in Frame frame, bool isReply)
    {
        var isWhole = frame.Shared.IsEmpty;
        Add(new Piece(frame.Head, EndsFrame: isWhole, isReply));
        if (!isWhole)
        {
            Add(new Piece(frame.Shared, EndsFrame: false, isReply));
            Add(new Piece(frame.Tail, EndsFrame: true, isReply));
        }
    }

    private void Add(in Piece piece)
    {
        _queue.Enqueue(piece);
        _pending.Add(piece.Bytes.Length, piece.IsReply);
    }

    // A frame that is half sent has to be completed, or the close frame would be read as its payload.
    private void DropWholeFrames()
    {
        List<Piece> kept = [];
        while (_isMidFrame)
        {
            var piece = _queue.Dequeue();
            kept.Add(piece);
            _isMidFrame = !piece.EndsFrame;
        }

        _queue.Clear();
        _pending.Clear();
        kept.ForEach(piece => Add(piece));
        _isMidFrame = kept.Count > 0;
    }

    private bool ClaimWriter()
    {
        if (!_isOpen || _isWriting || _queue.Count == 0)
        {
            return false;
        }

        _isWriting = true;
        return true;
    }

    private readonly record struct Piece(ReadOnlyMemory<byte> Bytes, bool EndsFrame, bool IsReply);
}
