namespace Kaffediem.Server.Accounts;

/// <summary>
/// Counts attempts by key, each key's within a span that begins with its first one. Takes a bounded amount of memory:
/// when there is no room, the key with the fewest attempts is forgotten, so that a flood of new ones does not clear
/// those that matter. Not thread-safe.
/// </summary>
/// <param name="limit">How many attempts a key has within a span.</param>
/// <param name="span">How long a span lasts.</param>
/// <param name="capacity">How many keys there is room for.</param>
internal sealed class AttemptCounts<TKey>(int limit, TimeSpan span, int capacity) where TKey : notnull
{
    private readonly Dictionary<TKey, Attempts> _attempts = [];

    /// <summary>How many keys are remembered.</summary>
    public int Count => _attempts.Count;

    /// <summary>After how long there is another attempt; zero when there is one now.</summary>
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

    /// <summary>Takes one attempt back.</summary>
    public void Undo(TKey key)
    {
        if (_attempts.TryGetValue(key, out var attempts) && attempts.Count > 0)
        {
            _attempts[key] = attempts with { Count = attempts.Count - 1 };
        }
    }

    /// <summary>Forgets a key's attempts.</summary>
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
