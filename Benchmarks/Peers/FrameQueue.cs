namespace Kaffediem.Benchmarks.Peers;

/// <summary>
/// The frames that wait for one connection. Unbounded: a measuring stick needs no protection. Many
/// threads enqueue, and one at a time takes: the one whose <see cref="Enqueue"/> says so, until nothing is left.
/// </summary>
internal sealed class FrameQueue
{
    private readonly Lock _lock = new();
    private readonly Queue<PeerFrame> _frames = new();
    private bool _isTaken;

    /// <returns>Whether the caller has to see to it that somebody takes the frames.</returns>
    public bool Enqueue(PeerFrame frame)
    {
        lock (_lock)
        {
            _frames.Enqueue(frame);
            return !_isTaken && (_isTaken = true);
        }
    }

    /// <summary>Takes one frame.</summary>
    public bool TryTakeOne(out PeerFrame? frame)
    {
        lock (_lock)
        {
            return _isTaken = _frames.TryDequeue(out frame);
        }
    }

    /// <summary>Takes all there are, as far as they fit into the buffer. A single one is not copied.</summary>
    public bool TryTakeAll(byte[] buffer, out ReadOnlyMemory<byte> bytes)
    {
        lock (_lock)
        {
            bytes = _frames.Count == 1 ? _frames.Dequeue().Bytes : Gather(buffer);
            return _isTaken = !bytes.IsEmpty;
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
