using Kaffediem.Server.Accounts;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>The counts of failed attempts use a bounded amount of memory.</summary>
public sealed class AttemptCountsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(15);

    private readonly AttemptCounts<int> _counts = new(limit: 2, Span, capacity: 100);

    [Fact]
    public void Flood_of_keys_stays_within_the_capacity_and_does_not_evict_a_refused_key()
    {
        _counts.Add(-1, Now);
        _counts.Add(-1, Now);

        for (var key = 0; key < 1000; key++)
        {
            _counts.Add(key, Now);
        }

        Assert.Equal(100, _counts.Count);
        Assert.Equal(Span, _counts.WaitFor(-1, Now));
    }

    [Fact]
    public void Expired_counts_are_evicted_first()
    {
        for (var key = 0; key < 100; key++)
        {
            _counts.Add(key, Now);
            _counts.Add(key, Now);
        }

        _counts.Add(100, Now + Span);

        Assert.Equal(1, _counts.Count);
        Assert.Equal(TimeSpan.Zero, _counts.WaitFor(0, Now + Span));
    }

    [Fact]
    public void Span_begins_with_the_first_attempt()
    {
        _counts.Add(1, Now);
        _counts.Add(1, Now + Span - TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), _counts.WaitFor(1, Now + Span - TimeSpan.FromSeconds(1)));

        _counts.Add(1, Now + Span);
        Assert.Equal(TimeSpan.Zero, _counts.WaitFor(1, Now + Span));
        _counts.Add(1, Now + Span);
        Assert.Equal(Span, _counts.WaitFor(1, Now + Span));
    }

    [Fact]
    public void Attempt_is_undone_at_most_as_often_as_it_was_counted()
    {
        _counts.Add(1, Now);
        _counts.Undo(1);
        _counts.Undo(1);
        _counts.Undo(2);
        _counts.Add(1, Now);
        Assert.Equal(TimeSpan.Zero, _counts.WaitFor(1, Now));

        _counts.Add(1, Now);
        Assert.Equal(Span, _counts.WaitFor(1, Now));
    }
}
