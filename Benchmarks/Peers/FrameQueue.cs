namespace Kaffediem.Benchmarks.Peers;

/// <summary>
/// The frames queued for one connection. It is unbounded, because a benchmark peer needs no protection. Many threads
/// enqueue; one at a time dequeues, until the queue is empty: the one whose <see cref="Enqueue"/> returned true.
/// </summary>
internal sealed class FrameQueue
{
    private readonly Lock _lock = new();
    private readonly Queue<PeerFrame> _frames = new();
    private bool _isDraining;

    /// <returns>Whether the caller has to start dequeuing.</returns>
    public bool Enqueue(PeerFrame frame)
    {
        lock (_lock)
        {
            _frames.Enqueue(frame);
            var isFirst = !_isDraining;
            _isDraining = true;
            return isFirst;
        }
    }

    /// <summary>Dequeues one frame.</summary>
    public bool TryDequeue(out PeerFrame? frame)
    {
        lock (_lock)
        {
            _isDraining = _frames.TryDequeue(out frame);
            return _isDraining;
        }
    }

    /// <summary>Dequeues as many frames as fit into the buffer. A single frame is not copied.</summary>
    public bool TryDequeueAll(byte[] buffer, out ReadOnlyMemory<byte> bytes)
    {
        lock (_lock)
        {
            bytes = _frames.Count == 1 ? _frames.Dequeue().Bytes : Gather(buffer);
            _isDraining = !bytes.IsEmpty;
            return _isDraining;
        }
    }

    private ReadOnlyMemory<byte> Gather(byte[] buffer)
    {
        var length = 0;
        while (_frames.TryPeek(out var next) && length + next.Bytes.Length <= buffer.Length)
        {
            _frames.Dequeue().Bytes.CopyTo(buffer, length);
            length += next.Bytes.Length;
        }

        return buffer.AsMemory(0, length);
    }
}
