using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Reliability.History.HistorySample;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>The check can fail: a fault against each rule is planted, and found.</summary>
[Experiment("History")]
public sealed class HistoryCheckTests
{
    private readonly HistorySample _sample = new();

    [Fact]
    public void A_change_that_is_not_told_while_later_ones_are()
    {
        _sample.Without("told 1");

        AssertBroken(HistoryRule.Gap);
    }

    [Fact]
    public void A_gap_that_ends_with_the_connection()
    {
        _sample.Without("told 1", "rejoin orders", "missed")
            .After("lost", new JoinAsked(Screen, "order", new Position("e", 3)))
            .After("look over", new RecoveryTold(
                Screen, "order", new Position("e", 5), [new(4, "create", Other), new(5, "delete", """{"id":2}""")]));

        AssertBroken(HistoryRule.Gap);
    }

    [Fact]
    public void A_change_that_is_told_again()
    {
        _sample.After("told 3", Told(Screen, 3, "update", Changed));

        AssertBroken(HistoryRule.Duplicate);
    }

    [Fact]
    public void A_change_that_the_snapshot_has_already()
    {
        _sample.Instead("told 1", new JoinAsked(Screen, "order", null), Snapshot(Screen, "order", 1, First, Placed),
            Told(Screen, 1, "create", Placed));

        AssertBroken(HistoryRule.Duplicate);
    }

    [Fact]
    public void A_change_that_the_recovery_has_already()
    {
        _sample.After("missed", Told(Screen, 5, "delete", """{"id":2}"""));

        AssertBroken(HistoryRule.Duplicate);
    }

    [Fact]
    public void Changes_that_are_told_in_another_order()
    {
        _sample.Delay("told 1", after: "told 3");

        AssertBroken(HistoryRule.Order);
    }

    [Theory]
    [InlineData(3, "update", """{"id":2,"customer_id":6}""")]
    [InlineData(3, "create", Changed)]
    public void A_change_that_is_told_otherwise_than_it_was_committed(long seq, string action, string record)
    {
        _sample.Instead("told 3", Told(Screen, seq, action, record));

        AssertBroken(HistoryRule.Content);
    }

    [Fact]
    public void A_change_that_was_never_committed()
    {
        _sample.After("ack 6", Told(Screen, 7, "update", Changed));

        AssertBroken(HistoryRule.Content);
    }

    [Fact]
    public void A_change_of_another_collection()
    {
        _sample.After("told 2", Told(Screen, 2, "create", Message));

        AssertBroken(HistoryRule.Content);
    }

    [Fact]
    public void A_change_for_who_has_not_joined()
    {
        _sample.After("ask 4", Told(Screen, 4, "create", Other));

        AssertBroken(HistoryRule.Unjoined);
    }

    [Theory]
    [InlineData(5, First)]
    [InlineData(5, First, Other, Placed)]
    [InlineData(5, First, OtherChanged)]
    public void A_snapshot_that_is_not_what_was_committed_by_its_seq(long seq, params string[] records)
    {
        _sample.Instead("look", Snapshot("look", "order", seq, records));

        AssertBroken(HistoryRule.Snapshot);
    }

    [Fact]
    public void A_snapshot_of_an_earlier_moment_than_its_seq()
    {
        _sample.After("ack 6", new JoinAsked("look", "order", null), Snapshot("look", "order", 6, First, Other));

        AssertBroken(HistoryRule.Snapshot);
    }

    [Fact]
    public void A_snapshot_without_what_was_acknowledged_before()
    {
        _sample.Instead("look", Snapshot("look", "order", 4, First, Changed, Other));

        AssertBroken(HistoryRule.ReadYourWrites);
    }

    [Fact]
    public void A_snapshot_without_what_was_seen_before()
    {
        _sample.After("told 2", new JoinAsked("look", "message", null), Snapshot("look", "message", 1));

        AssertBroken(HistoryRule.Backwards);
    }

    [Fact]
    public void A_recovery_without_what_was_acknowledged_before()
    {
        _sample.Instead("missed", new RecoveryTold(Screen, "order", new Position("e", 4), [new(4, "create", Other)]))
            .After("look over", Told(Screen, 5, "delete", """{"id":2}"""));

        AssertBroken(HistoryRule.ReadYourWrites);
    }

    [Fact]
    public void A_recovery_that_is_not_what_was_missed()
    {
        _sample.Instead(
            "missed", new RecoveryTold(Screen, "order", new Position("e", 5), [new(5, "delete", """{"id":2}""")]));

        AssertBroken(HistoryRule.Recovery); // and the change that comes later shows the order all the same
    }

    [Fact]
    public void A_recovery_with_another_content()
    {
        _sample.Instead("missed", new RecoveryTold(
            Screen, "order", new Position("e", 5), [new(4, "create", OtherChanged), new(5, "delete", """{"id":2}""")]));

        AssertBroken(HistoryRule.Recovery);
    }

    [Fact]
    public void A_recovery_across_epochs()
    {
        _sample.Instead("rejoin orders", new JoinAsked(Screen, "order", new Position("d", 3)));

        AssertBroken(HistoryRule.Recovery, HistoryRule.Convergence);
    }

    [Fact]
    public void No_recovery_where_there_could_be_one()
    {
        _sample.Instead("missed", Snapshot(Screen, "order", 5, First, Other));

        AssertBroken(HistoryRule.Recovery);
    }

    [Fact]
    public void A_write_that_is_committed_before_one_that_was_acknowledged_before_it_was_asked_for()
    {
        _sample.Delay("ask 4", after: "ack 5");

        AssertBroken(HistoryRule.RealTime);
    }

    [Fact]
    public void A_write_that_is_committed_before_a_change_that_was_seen_before_it_was_asked_for()
    {
        _sample.Delay("ask 4", after: "missed");
        _sample.Delay("ack 5", after: "ask 4");

        AssertBroken(HistoryRule.RealTime);
    }

    [Theory]
    [InlineData("is", null)]
    [InlineData("is", First)]
    [InlineData("is deleted", Changed)]
    public void A_read_that_does_not_show_what_was_acknowledged_before(string step, string? record)
    {
        _sample.Instead(step, new RecordAnswered(step == "is" ? "till 1" : "till 2", "order 2", record));

        AssertBroken(HistoryRule.ReadYourWrites);
    }

    [Fact]
    public void A_read_that_does_not_show_what_was_seen_before()
    {
        _sample.After("told 3", new RecordAsked("till 1", "order 2"), new RecordAnswered("till 1", "order 2", Placed));

        AssertBroken(HistoryRule.Backwards);
    }

    [Fact]
    public void A_close_after_which_nobody_comes_back()
    {
        _sample.Instead("lost", new LineLost(Screen, 1000));

        AssertBroken(HistoryRule.Goodbye);
    }

    [Fact]
    public void A_screen_that_does_not_show_the_last_change()
    {
        _sample.Without("told 6");

        AssertBroken(HistoryRule.Convergence);
    }

    [Fact]
    public void A_screen_that_does_not_come_back()
    {
        _sample.After("ack 6", new LineLost(Screen, 1006));

        AssertBroken(HistoryRule.Convergence, HistoryRule.Convergence); // orders and messages
    }

    [Fact]
    public void A_list_that_is_not_what_the_log_tells()
    {
        _sample.Instead("quiet", new Quiet("shop", 6, Lists(ListOf(First, Other), ListOf(Message)), []));

        AssertBroken(HistoryRule.Convergence);
    }

    [Fact]
    public void An_acknowledged_write_that_the_file_has_not_or_otherwise()
    {
        _sample.Instead("ack 1", new WriteAcknowledged("till 1", Place with { Record = First }))
            .After("ack 6", new WriteAcknowledged("till 1", new ShopWrite("delete order 9", "DELETE", "")));

        AssertBroken(HistoryRule.Written, HistoryRule.Written);
    }

    [Fact]
    public void A_write_in_the_file_twice_or_asked_for_by_nobody()
    {
        _sample.Log.Add(Entry(7, "order", "update", 3, OtherChanged));
        _sample.Without("ask 4");

        AssertBroken(HistoryRule.Written, HistoryRule.Written);
    }

    [Fact]
    public void A_fault_is_told_with_what_its_one_had_seen()
    {
        _sample.Without("told 1").After("ack 2", new Happened(Happened.ToServer, "kill -9"));
        var history = _sample.Events;

        var story = Assert.Single(_sample.Find()).Tell(history);

        Assert.StartsWith(
            "Gap: screen, at 14: was not told 1 of order, but a later change", story, StringComparison.Ordinal);
        Assert.Contains("10: Happened { Who = server, What = kill -9 }", story, StringComparison.Ordinal);
        Assert.Contains("14: ChangeTold { Who = screen", story, StringComparison.Ordinal);
        Assert.DoesNotContain("till", story, StringComparison.Ordinal);
    }

    private void AssertBroken(params HistoryRule[] rules)
    {
        var faults = _sample.Find();

        Assert.True(rules.SequenceEqual(faults.Select(fault => fault.Rule)), string.Join('\n', faults));
    }
}
