using Kaffediem.Persistence;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Server.Admission;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// Shares reads that many clients ask for at the same time: one is run, and shared until something is committed after
/// it (docs/design.md, "Joining": ten thousand clients that come back after a deploy ask for the same).
/// </summary>
internal sealed class SharedReads<TKey>(LongReads reads) where TKey : notnull
{
    // Clients choose the keys: more different ones than this are not kept.
    private const int MaxKept = 64;

    // Nor more bytes: each of these may contain the orders of years.
    private const int MaxBytes = 32 * 1024 * 1024;

    // Guards the fields below, for a look-up and an exchange; reading happens outside.
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Shared> _shared = [];

    // The finished ones among them, the oldest first.
    private readonly List<(TKey Key, Shared Read, long Length)> _finished = [];

    /// <summary>
    /// The shared answer for the key, if it contains everything up to <paramref name="lastSeq"/>; otherwise a new one.
    /// </summary>
    /// <param name="key">What to read.</param>
    /// <param name="lastSeq">The last change that is committed.</param>
    /// <param name="asker">The client that asks.</param>
    /// <param name="lane">Which readers read it.</param>
    /// <param name="encode">Reads it.</param>
    /// <param name="cancellationToken">Ends the asker's wait. The read goes on if others wait for it.</param>
    /// <exception cref="ReadRefusedException">A budget of the asker is used up.</exception>
    public async Task<Snapshot> GetAsync(
        TKey key,
        long lastSeq,
        Asker asker,
        ReadLane lane,
        Func<ReadTransaction, ReadOnlyMemory<byte>> encode,
        CancellationToken cancellationToken)
    {
        var shared = Join(key, lastSeq, asker, lane, encode);
        try
        {
            return await shared.Read.WaitAsync(cancellationToken);
        }
        finally
        {
            if (!shared.IsOfUse)
            {
                Forget(key, shared);
            }
        }
    }

    private Shared Join(
        TKey key, long lastSeq, Asker asker, ReadLane lane, Func<ReadTransaction, ReadOnlyMemory<byte>> encode)
    {
        lock (_lock)
        {
            if (_shared.TryGetValue(key, out var known)
                && known.IsAtLeast(lastSeq) && known.Serves(lane) && reads.TryJoin(known.Read, asker))
            {
                return known;
            }

            Shared? shared = null;
            var read = reads.Plan(
                lane,
                transaction => new Snapshot(encode(transaction), transaction.Position.Seq),
                // Not null by then: the read begins only after it is assigned, by TryJoin.
                (whose, snapshot) => Keep(key, shared!, whose, snapshot));
            shared = new Shared(lastSeq, lane, read);
            reads.TryJoin(read, asker);
            _shared[key] = shared;
            return shared;
        }
    }

    private void Keep(TKey key, Shared shared, Asker asker, Snapshot snapshot)
    {
        reads.UnsentOf(asker).Track(asker, snapshot.Content);
        lock (_lock)
        {
            _finished.RemoveAll(finished => finished.Key.Equals(key));
            _finished.Add((key, shared, snapshot.Content.Length));
            while (_finished.Count > 1 && (_finished.Count > MaxKept || _finished.Sum(read => read.Length) > MaxBytes))
            {
                var oldest = _finished[0];
                _finished.RemoveAt(0);
                Remove(oldest.Key, oldest.Read);
            }
        }
    }

    private void Forget(TKey key, Shared shared)
    {
        lock (_lock)
        {
            Remove(key, shared);
        }
    }

    private void Remove(TKey key, Shared shared)
    {
        if (_shared.GetValueOrDefault(key) == shared)
        {
            _shared.Remove(key);
        }
    }

    private sealed record Shared(long MinSeq, ReadLane Lane, AwaitedRead<Snapshot> Read)
    {
        private Task<Snapshot> Result => Read.Result;

        /// <summary>Whether it has a result, or will have one.</summary>
        public bool IsOfUse => Result.IsCompleted ? Result.IsCompletedSuccessfully : !Read.IsGivenUp;

        // A read that still runs contains at least what was committed when it was asked for.
        public bool IsAtLeast(long seq) => !Result.IsFaulted && !Result.IsCanceled &&
            (MinSeq >= seq || (Result.IsCompletedSuccessfully && Result.Result.Seq >= seq));

        // A user's read must not wait for a stranger's turn.
        public bool Serves(ReadLane lane) => Result.IsCompleted || Lane == lane || Lane == ReadLane.UserBulk;
    }
}
