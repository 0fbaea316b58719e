using Kaffediem.Server.Accounts;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>What is remembered of attempts takes a bounded amount of memory.</summary>
public sealed class AttemptCountsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(15);

    private readonly AttemptCounts<int> _counts = new(limit: 2, Span, capacity: 100);

    [Fact]
    public void A_flood_of_keys_takes_no_more_room_and_does_not_clear_one_that_is_refused()
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
    public void What_is_over_makes_room_first()
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
    public void A_span_begins_with_its_first_attempt()
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
    public void An_attempt_is_taken_back_at_most_as_often_as_it_was_made()
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
