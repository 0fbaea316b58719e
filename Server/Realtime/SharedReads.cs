namespace Kaffediem.Server.Realtime;

/// <summary>
/// Reads that many ask for at the same time: one is made and shared for as long as nothing is committed after it (DESIGN,
/// "Joining": ten thousand screens that come back after a deploy ask for the same).
/// </summary>
internal sealed class SharedReads<TKey> where TKey : notnull
{
    // Keys come from the clients: more different ones than this are not worth keeping.
    private const int MaxKept = 64;

    // Nor more bytes: each of these keys may have all orders of years.
    private const int MaxBytes = 32 * 1024 * 1024;

    // Guards _kept, for a look and an exchange; reading happens outside.
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Kept> _kept = [];

    /// <summary>What is known for the key and holds at least everything up to a seq, or else is read now.</summary>
    /// <param name="key">What to read.</param>
    /// <param name="lastSeq">The last change that is committed.</param>
    /// <param name="read">Reads it; it sees at least that change.</param>
    public Task<Snapshot> GetAsync(TKey key, long lastSeq, Func<Task<Snapshot>> read)
    {
        lock (_lock)
        {
            if (_kept.TryGetValue(key, out var kept) && kept.IsAtLeast(lastSeq))
            {
                return kept.Snapshot;
            }

            if (_kept.Count >= MaxKept)
            {
                _kept.Clear();
            }

            // Not under the lock, nor for one joiner's token: the others wait for the same read.
            var snapshot = Task.Run(() => ReadAsync(read));
            _kept[key] = new Kept(lastSeq, snapshot);
            return snapshot;
        }
    }

    private async Task<Snapshot> ReadAsync(Func<Task<Snapshot>> read)
    {
        var snapshot = await read();
        lock (_lock)
        {
            var finished = _kept.Where(entry => entry.Value.Snapshot.IsCompleted).ToList();
            if (finished.Sum(entry => (long)entry.Value.Length) + snapshot.Content.Length > MaxBytes)
            {
                finished.ForEach(entry => _kept.Remove(entry.Key));
            }
        }

        return snapshot;
    }

    private sealed record Kept(long MinSeq, Task<Snapshot> Snapshot)
    {
        public int Length => Snapshot.IsCompletedSuccessfully ? Snapshot.Result.Content.Length : 0;

        // What is still being read holds at least what was committed when it was asked for.
        public bool IsAtLeast(long seq) => !Snapshot.IsFaulted && !Snapshot.IsCanceled &&
            (MinSeq >= seq || (Snapshot.IsCompletedSuccessfully && Snapshot.Result.Seq >= seq));
    }
}
