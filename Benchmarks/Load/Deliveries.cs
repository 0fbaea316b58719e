namespace Kaffediem.Benchmarks.Load;

/// <summary>
/// Counts the changes that come to the subscribers: all of them, to everyone, in one order. A subscriber's n-th change
/// is the n-th that was posted: exact where one is posted after the other, and near enough where several are under way.
/// </summary>
internal sealed class Deliveries(int subscribers, int changes) : IMessages
{
    private readonly int[] _counts = new int[changes];
    private readonly long[] _postedAt = new long[changes];
    private readonly long[] _firstAt = new long[changes];
    private readonly long[] _lastAt = new long[changes];

    /// <summary>All that came.</summary>
    public long Total { get; private set; }

    /// <summary>How many changes everyone has.</summary>
    public int Complete { get; private set; }

    /// <summary>How many came after one with a higher number, or twice.</summary>
    public int OutOfOrder { get; private set; }

    /// <summary>How many have no number to see.</summary>
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

    /// <summary>From the post of each complete change to its first subscriber, in ticks.</summary>
    public IEnumerable<long> FirstLatencies => Enumerable.Range(0, Complete).Select(i => _firstAt[i] - _postedAt[i]);

    /// <summary>To its last one.</summary>
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
