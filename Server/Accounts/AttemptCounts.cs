namespace Kaffediem.Server.Accounts;

/// <summary>
/// Counts attempts by key. The attempts of a key count for a span that begins with the first one. Memory is bounded:
/// when it is full, the key with the fewest attempts is dropped, so that a flood of new keys does not clear those that
/// matter. Not thread-safe.
/// </summary>
/// <param name="limit">How many attempts a key may make within a span.</param>
/// <param name="span">How long a span lasts.</param>
/// <param name="capacity">How many keys are remembered at most.</param>
internal sealed class AttemptCounts<TKey>(int limit, TimeSpan span, int capacity) where TKey : notnull
{
    private readonly Dictionary<TKey, Attempts> _attempts = [];

    /// <summary>How many keys are remembered.</summary>
    public int Count => _attempts.Count;

    /// <summary>How long the key must wait for its next attempt; zero if it need not wait.</summary>
    public TimeSpan WaitFor(TKey key, DateTimeOffset now) =>
        _attempts.TryGetValue(key, out var attempts) && attempts.Count >= limit && attempts.Began + span > now
            ? attempts.Began + span - now
            : TimeSpan.Zero;

    /// <summary>Counts an attempt.</summary>
    public void Add(TKey key, DateTimeOffset now)
    {
        if (_attempts.TryGetValue(key, out var attempts) && attempts.Began + span > now)
        {
            _attempts[key] = attempts with { Count = attempts.Count + 1 };
            return;
        }

        if (_attempts.Count >= capacity && !_attempts.ContainsKey(key))
        {
            MakeRoom(now);
        }

        _attempts[key] = new Attempts(now, 1);
    }

    /// <summary>Undoes the counting of one attempt.</summary>
    public void Undo(TKey key)
    {
        if (_attempts.TryGetValue(key, out var attempts) && attempts.Count > 0)
        {
            _attempts[key] = attempts with { Count = attempts.Count - 1 };
        }
    }

    /// <summary>Clears a key's attempts.</summary>
    public void Reset(TKey key) => _attempts.Remove(key);

    private void MakeRoom(DateTimeOffset now)
    {
        foreach (var (key, attempts) in _attempts)
        {
            if (attempts.Began + span <= now)
            {
                _attempts.Remove(key);
            }
        }

        if (_attempts.Count >= capacity)
        {
            _attempts.Remove(_attempts.MinBy(attempts => (attempts.Value.Count, attempts.Value.Began)).Key);
        }
    }

    private readonly record struct Attempts(DateTimeOffset Began, int Count);
}
