namespace Kaffediem.Server.Orders;

/// <summary>
/// A bucket of tokens for each key. It holds as many as its key may take in a minute, and fills evenly, so that a rush
/// is answered at once and the long run is bounded. Takes a bounded amount of memory. Not thread-safe.
/// </summary>
/// <param name="perMinute">How many tokens a key gets in a minute.</param>
internal sealed class QuotaBuckets<TKey>(int perMinute) where TKey : notnull
{
    // Some 100 bytes each. Addresses come from the clients; beyond this many in a minute the least used is forgotten.
    private const int Capacity = 10_000;

    private readonly Dictionary<TKey, Bucket> _buckets = [];

    /// <summary>
    /// After how long there are so many tokens; zero when there are now. A full bucket pays any price.
    /// </summary>
    public TimeSpan WaitFor(TKey key, int tokens, DateTimeOffset now) => TimeSpan.FromMinutes(
        Math.Max(0, Math.Min(tokens, perMinute) - TokensOf(key, now)) / perMinute);

    /// <summary>Takes tokens, or gives some back.</summary>
    public void Take(TKey key, int tokens, DateTimeOffset now)
    {
        var left = Math.Min(perMinute, TokensOf(key, now) - tokens);
        if (_buckets.Count >= Capacity && !_buckets.ContainsKey(key))
        {
            MakeRoom(now);
        }

        _buckets[key] = new Bucket(left, now);
    }

    private double TokensOf(TKey key, DateTimeOffset now) =>
        _buckets.TryGetValue(key, out var bucket) ? TokensOf(bucket, now) : perMinute;

    private double TokensOf(Bucket bucket, DateTimeOffset now) =>
        Math.Min(perMinute, bucket.Tokens + (Math.Max(0, (now - bucket.At).TotalMinutes) * perMinute));

    private void MakeRoom(DateTimeOffset now)
    {
        foreach (var (key, bucket) in _buckets)
        {
            if (TokensOf(bucket, now) >= perMinute)
            {
                _buckets.Remove(key);
            }
        }

        if (_buckets.Count >= Capacity)
        {
            _buckets.Remove(_buckets.MaxBy(bucket => TokensOf(bucket.Value, now)).Key);
        }
    }

    private readonly record struct Bucket(double Tokens, DateTimeOffset At);
}
