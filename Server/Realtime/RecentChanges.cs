using Kaffediem.Persistence;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// The end of the log, kept in memory: event streams that keep up do not read the database, and share what is encoded.
/// Each reads on from its own cursor; one that has fallen behind reads the log instead. Thread-safe.
/// </summary>
internal sealed class RecentChanges(Database database)
{
    // At least this much is kept, and at most twice as much: then the older half is dropped at once.
    private const int MaxCount = 1024;
    private const int MaxBytes = 2 * 1024 * 1024;

    // About what a stream writes in one go.
    private const int MaxTaken = 64;

    // Guards all fields, for one look-up or one appended batch.
    private readonly Lock _lock = new();
    private readonly List<ChangeView> _changes = [];
    private long _bytes;
    private TaskCompletionSource _appended = NewSignal();

    // Every change after it is here, up to the last one.
    private long _afterSeq = database.LastSeq;

    /// <summary>The last change.</summary>
    public long LastSeq
    {
        get
        {
            lock (_lock)
            {
                return _changes.Count > 0 ? _changes[^1].Seq : _afterSeq;
            }
        }
    }

    /// <summary>Adds the next changes of the log; those that are already here are left out.</summary>
    public void Append(IReadOnlyList<ChangeView> changes)
    {
        TaskCompletionSource appended;
        lock (_lock)
        {
            foreach (var change in changes.Where(change => change.Seq > LastSeq))
            {
                _changes.Add(change);
                _bytes += change.RecordLength;
            }

            if (_changes.Count > 2 * MaxCount || _bytes > 2 * MaxBytes)
            {
                Trim();
            }

            (appended, _appended) = (_appended, NewSignal());
        }

        appended.SetResult();
    }

    /// <summary>The first changes after a seq, a few at most; <c>null</c> when they are no longer here.</summary>
    public IReadOnlyList<ChangeView>? After(long seq)
    {
        lock (_lock)
        {
            if (seq < _afterSeq)
            {
                return null;
            }

            var first = IndexAfter(seq);
            return _changes.GetRange(first, Math.Min(MaxTaken, _changes.Count - first));
        }
    }

    /// <summary>Completes when there may be changes after a seq.</summary>
    public Task WaitForAsync(long seq)
    {
        lock (_lock)
        {
            return LastSeq > seq ? Task.CompletedTask : _appended.Task;
        }
    }

    private void Trim()
    {
        var count = 0;
        for (; _changes.Count - count > MaxCount || _bytes > MaxBytes; count++)
        {
            _bytes -= _changes[count].RecordLength;
            _afterSeq = _changes[count].Seq;
        }

        _changes.RemoveRange(0, count);
    }

    private int IndexAfter(long seq)
    {
        var (low, high) = (0, _changes.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _changes[middle].Seq > seq ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    // The streams continue on the thread pool, not in the feed's loop.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
