using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Shop.Logs;

/// <summary>A change that a screen missed or received twice is found: each fault is planted.</summary>
[Experiment("Soak")]
public sealed class DeliveryCheckTests
{
    private static readonly ScreenView Orders = new("order");
    private static readonly ScreenView Sevens = new("order", CustomerId: 7);

    private readonly DeliveryCheck _check = new();
    private readonly List<LoggedChange> _log =
    [
        Order(1, null, 7), Order(2, null, 8), Message(3), Order(4, 7, 7), Order(5, 7, 8), Order(6, 8, null), Message(9),
    ];

    [Fact]
    public void Screen_that_received_everything_has_no_difference()
    {
        _check.Add("all orders", [Received(Orders, 0, 1, 2, 4, 5, 6)]);
        _check.Add("from the middle, in two parts", [Received(Orders, 2, 4), Received(Orders, 4, 5, 6)]);
        _check.Add("customer 7, who got one and lost it", [Received(Sevens, 0, 1, 4, 5)]);
        _check.Add("nobody's", [Received(Sevens with { CustomerId = 9 }, 0)]);
        _check.Add("messages", [Received(new("message"), 1, 3, 9)]);

        Assert.Empty(Verify());
        Assert.Equal(6, _check.Compared);
        Assert.Equal(9, _check.LastSeq);
    }

    [Theory]
    [InlineData("missed [2]", 1, 4, 5)]
    [InlineData("missed [4 5]", 1, 2, 6)]
    [InlineData("received without reason [3]", 1, 2, 3, 4)]
    [InlineData("of 3", 1, 2, 2)]
    [InlineData("of 3", 2, 1, 4)]
    public void Screen_that_received_something_else_differs(string difference, params int[] seqs)
    {
        _check.Add("screen 5", [Received(Orders, 0, [.. seqs.Select(seq => (long)seq)])]);

        var found = Assert.Single(Verify());
        Assert.StartsWith("screen 5, ", found, StringComparison.Ordinal);
        Assert.Contains(difference, found, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrongly_filtered_changes_are_found()
    {
        _check.Add("another's", [Received(Sevens, 0, 1, 2, 4, 5)]);
        _check.Add("not the one that went", [Received(Sevens with { CustomerId = 8 }, 0, 2, 6)]);

        Assert.Equal(2, Verify().Count);
    }

    [Fact]
    public void Recovered_changes_are_compared_up_to_the_seq_of_the_reply()
    {
        var received = Received(Orders, 0, 1, 2);
        received.To = 4;
        _check.Add("screen", [received]);

        Assert.Contains("missed [4]", Assert.Single(Verify()), StringComparison.Ordinal);
    }

    [Fact]
    public void Log_is_read_in_parts()
    {
        var late = _log[^1];
        _log.Remove(late);
        _check.Add("early", [Received(new("message"), 0, 3)]);
        Assert.Empty(Verify());

        _log.Add(late);
        _check.Add("late", [Received(new("message"), 0, 3, 9)]);
        Assert.Empty(Verify());
    }

    private List<string> Verify() => _check.Verify(after => _log.Where(change => change.Seq > after));

    private static LoggedChange Order(long seq, long? before, long? after) =>
        new() { Seq = seq, Collection = "order", CustomerBefore = before, CustomerAfter = after };

    private static LoggedChange Message(long seq) =>
        new() { Seq = seq, Collection = "message", CustomerBefore = null, CustomerAfter = null };

    private static ReceivedRange Received(ScreenView view, long from, params long[] seqs)
    {
        var received = new ReceivedRange(view, from);
        Array.ForEach(seqs, received.Add);
        return received;
    }
}
