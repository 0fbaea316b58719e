namespace Kaffediem.Benchmarks.Load;

/// <summary>
/// Counts the changes that the subscribers receive. Each should receive all of them, in one order. A subscriber's n-th
/// change counts as the n-th post. This is exact when changes are posted one by one, and close when several are in
/// flight.
/// </summary>
internal sealed class Deliveries(int subscribers, int changes) : IMessages
{
    private readonly int[] _counts = new int[changes];
    private readonly long[] _postedAt = new long[changes];
    private readonly long[] _firstAt = new long[changes];
    private readonly long[] _lastAt = new long[changes];

    /// <summary>The number of changes received, summed over the subscribers.</summary>
    public long Total { get; private set; }

    /// <summary>The number of changes that every subscriber has.</summary>
    public int Complete { get; private set; }

    /// <summary>The number of changes received twice, or after one with a higher seq.</summary>
    public int OutOfOrder { get; private set; }

    /// <summary>The number of changes received without a readable seq.</summary>
    public int Unnumbered { get; private set; }

    public void OnPosted(int index, long now) => _postedAt[index] = now;

    public void OnMessage(Subscriber subscriber, ReadOnlySpan<byte> message, long now)
    {
        if (ChangeSeq.TryRead(message, out var seq))
        {
            OutOfOrder += seq <= subscriber.LastSeq ? 1 : 0;
            subscriber.LastSeq = seq;
        }
        else
        {
            Unnumbered++;
        }

        Total++;
        var index = subscriber.Received++;
        if (index < changes)
        {
            Count(index, now);
        }
    }

    /// <summary>The ticks from the post of each complete change to its arrival at the first subscriber.</summary>
    public IEnumerable<long> FirstLatencies => Enumerable.Range(0, Complete).Select(i => _firstAt[i] - _postedAt[i]);

    /// <summary>The same, to its arrival at the last subscriber.</summary>
    public IEnumerable<long> LastLatencies => Enumerable.Range(0, Complete).Select(i => _lastAt[i] - _postedAt[i]);

    private void Count(int index, long now)
    {
        var count = ++_counts[index];
        if (count == 1)
        {
            _firstAt[index] = now;
        }

        if (count == subscribers)
        {
            _lastAt[index] = now;
            Complete++;
        }
    }
}
