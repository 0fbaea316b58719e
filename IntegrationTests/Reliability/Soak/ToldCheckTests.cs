using Kaffediem.IntegrationTests.Realtime.Property;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Soak;

/// <summary>What somebody was not told, or twice, is found: each fault is planted.</summary>
[Experiment("Soak")]
public sealed class ToldCheckTests
{
    private static readonly ScreenView Orders = new("order");
    private static readonly ScreenView Sevens = new("order", CustomerId: 7);

    private readonly ToldCheck _check = new();
    private readonly List<LoggedChange> _log =
    [
        Order(1, null, 7), Order(2, null, 8), Message(3), Order(4, 7, 7), Order(5, 7, 8), Order(6, 8, null), Message(9),
    ];

    [Fact]
    public void Screen_that_received_everything_has_no_difference()
    {
        _check.Add("all orders", [Told(Orders, 0, 1, 2, 4, 5, 6)]);
        _check.Add("from the middle, in two parts", [Told(Orders, 2, 4), Told(Orders, 4, 5, 6)]);
        _check.Add("customer 7, who got one and lost it", [Told(Sevens, 0, 1, 4, 5)]);
        _check.Add("nobody's", [Told(Sevens with { CustomerId = 9 }, 0)]);
        _check.Add("messages", [Told(new("message"), 1, 3, 9)]);

        Assert.Empty(Verify());
        Assert.Equal(6, _check.Compared);
        Assert.Equal(9, _check.LastSeq);
    }

    [Theory]
    [InlineData("not told [2]", 1, 4, 5)]
    [InlineData("not told [4 5]", 1, 2, 6)]
    [InlineData("told without reason [3]", 1, 2, 3, 4)]
    [InlineData("of 3", 1, 2, 2)]
    [InlineData("of 3", 2, 1, 4)]
    public void Screen_that_received_something_else_differs(string difference, params int[] seqs)
    {
        _check.Add("screen 5", [Told(Orders, 0, [.. seqs.Select(seq => (long)seq)])]);

        var found = Assert.Single(Verify());
        Assert.StartsWith("screen 5, ", found, StringComparison.Ordinal);
        Assert.Contains(difference, found, StringComparison.Ordinal);
    }

    [Fact]
    public void Whose_filter_let_something_pass_or_kept_something_back()
    {
        _check.Add("another's", [Told(Sevens, 0, 1, 2, 4, 5)]);
        _check.Add("not the one that went", [Told(Sevens with { CustomerId = 8 }, 0, 2, 6)]);

        Assert.Equal(2, Verify().Count);
    }

    [Fact]
    public void What_was_recovered_up_to_the_answer_is_compared_up_to_there()
    {
        var told = Told(Orders, 0, 1, 2);
        told.To = 4;
        _check.Add("screen", [told]);

        Assert.Contains("not told [4]", Assert.Single(Verify()), StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_is_read_bit_by_bit()
    {
        var late = _log[^1];
        _log.Remove(late);
        _check.Add("early", [Told(new("message"), 0, 3)]);
        Assert.Empty(Verify());

        _log.Add(late);
        _check.Add("late", [Told(new("message"), 0, 3, 9)]);
        Assert.Empty(Verify());
    }

    private List<string> Verify() => _check.Verify(after => _log.Where(change => change.Seq > after));

    private static LoggedChange Order(long seq, long? before, long? after) =>
        new() { Seq = seq, Collection = "order", CustomerBefore = before, CustomerAfter = after };

    private static LoggedChange Message(long seq) =>
        new() { Seq = seq, Collection = "message", CustomerBefore = null, CustomerAfter = null };

    private static Told Told(ScreenView view, long from, params long[] seqs)
    {
        var told = new Told(view, from);
        Array.ForEach(seqs, told.Add);
        return told;
    }
}
