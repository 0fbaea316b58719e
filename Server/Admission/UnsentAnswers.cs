using System.Runtime.InteropServices;

namespace Kaffediem.Server.Admission;

/// <summary>
/// Counts the bytes of long answers that are encoded and not yet sent, per asker and in total. A shared answer counts
/// once, for the asker that it was read for. One answer always fits, so each running read can exceed the bounds by one.
/// Thread-safe.
/// </summary>
internal sealed class UnsentAnswers(long maxBytes, long maxBytesPerAsker, TimeProvider time)
{
    private const string Full = "too many long answers are waiting to be sent; try again in a second";

    private static readonly TimeSpan BetweenCollections = TimeSpan.FromSeconds(1);

    // Shorter answers are not shared: each connection has a copy in its queue, which is bounded.
    private const int ShortestShared = 4096;

    private const int FewShared = 64;

    // Guards everything below, for a few instructions or one walk over _shared.
    private readonly Lock _lock = new();
    private readonly Dictionary<Asker, long> _bytes = [];
    private readonly List<Shared> _shared = [];
    private int _mostShared = FewShared;
    private long _total;
    private long? _collectedAt;

    /// <summary>Refuses a read, or an answer, if the budget is used up.</summary>
    /// <exception cref="ReadRefusedException">It is used up.</exception>
    public void RefuseIfFull(Asker asker)
    {
        if (!HasRoom(asker) && !(Collect() && HasRoom(asker)))
        {
            throw new ReadRefusedException(Full);
        }
    }

    /// <summary>Counts an answer until the result is disposed of, which is when the answer has been sent.</summary>
    public IDisposable Take(Asker asker, long length)
    {
        lock (_lock)
        {
            Add(asker, length);
        }

        return new Taken(this, asker, length);
    }

    /// <summary>Counts an answer if there is room for it; otherwise <c>null</c>.</summary>
    public IDisposable? TryTake(Asker asker, long length)
    {
        lock (_lock)
        {
            if (!Fits(asker))
            {
                return null;
            }

            Add(asker, length);
        }

        return new Taken(this, asker, length);
    }

    /// <summary>
    /// Counts an answer that many clients may be sent, for as long as anything refers to it: queues of connections, a
    /// cache.
    /// </summary>
    public void Track(Asker asker, ReadOnlyMemory<byte> bytes)
    {
        if (MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Array is { Length: >= ShortestShared } array)
        {
            lock (_lock)
            {
                if (_shared.Count == _mostShared)
                {
                    ForgetSent();
                    _mostShared = Math.Max(FewShared, 2 * _shared.Count);
                }

                _shared.Add(new Shared(asker, new WeakReference<byte[]>(array), array.Length));
                Add(asker, array.Length);
            }
        }
    }

    /// <summary>How many bytes wait in total.</summary>
    public long Total
    {
        get
        {
            lock (_lock)
            {
                ForgetSent();
                return _total;
            }
        }
    }

    private bool HasRoom(Asker asker)
    {
        lock (_lock)
        {
            if (!Fits(asker))
            {
                ForgetSent();
            }

            return Fits(asker);
        }
    }

    private bool Fits(Asker asker) => _total < maxBytes && _bytes.GetValueOrDefault(asker) < maxBytesPerAsker;

    private void Add(Asker asker, long length)
    {
        _total += length;
        var bytes = _bytes.GetValueOrDefault(asker) + length;
        if (bytes > 0)
        {
            _bytes[asker] = bytes;
        }
        else
        {
            _bytes.Remove(asker);
        }
    }

    private void ForgetSent() => _shared.RemoveAll(shared =>
    {
        var isSent = !shared.Bytes.TryGetTarget(out _);
        if (isSent)
        {
            Add(shared.Asker, -shared.Length);
        }

        return isSent;
    });

    // Answers that were sent may still await garbage collection. The budgets are so large that no shop gets here; an
    // attacker costs one collection a second.
    private bool Collect()
    {
        lock (_lock)
        {
            if (_collectedAt is { } before && time.GetElapsedTime(before) < BetweenCollections)
            {
                return false;
            }

            _collectedAt = time.GetTimestamp();
        }

        GC.Collect();
        return true;
    }

    private sealed record Shared(Asker Asker, WeakReference<byte[]> Bytes, int Length);

    private sealed class Taken(UnsentAnswers answers, Asker asker, long length) : IDisposable
    {
        private bool _isDisposed;

        public void Dispose()
        {
            lock (answers._lock)
            {
                if (!_isDisposed)
                {
                    _isDisposed = true;
                    answers.Add(asker, -length);
                }
            }
        }
    }
}
