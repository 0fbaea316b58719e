using Kaffediem.IntegrationTests.Shop.History;
using Kaffediem.IntegrationTests.Shop.Tills;
using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Reliability.History.HistorySample;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>The check can fail: a planted fault against each rule is found.</summary>
[Experiment("History")]
public sealed class HistoryCheckTests
{
    private readonly HistorySample _sample = new();

    [Fact]
    public void Skipped_change_is_a_gap()
    {
        _sample.Without("change 1");

        AssertBroken(HistoryRule.Gap);
    }

    [Fact]
    public void Gap_that_ends_with_the_connection_is_found()
    {
        _sample.Without("change 1", "rejoin orders", "missed")
            .After("lost", new JoinRequested(Screen, "order", new Position("e", 3)))
            .After("look over", new RecoveryReceived(
                Screen, "order", new Position("e", 5), [new(4, "create", Other), new(5, "delete", """{"id":2}""")]));

        AssertBroken(HistoryRule.Gap);
    }

    [Fact]
    public void Repeated_change_is_a_duplicate()
    {
        _sample.After("change 3", Received(Screen, 3, "update", Changed));

        AssertBroken(HistoryRule.Duplicate);
    }

    [Fact]
    public void Change_that_the_snapshot_contains_is_a_duplicate()
    {
        _sample.Instead(
            "change 1", new JoinRequested(Screen, "order", null), Snapshot(Screen, "order", 1, First, Placed),
            Received(Screen, 1, "create", Placed));

        AssertBroken(HistoryRule.Duplicate);
    }

    [Fact]
    public void Change_that_the_recovery_contains_is_a_duplicate()
    {
        _sample.After("missed", Received(Screen, 5, "delete", """{"id":2}"""));

        AssertBroken(HistoryRule.Duplicate);
    }

    [Fact]
    public void Changes_out_of_order_are_found()
    {
        _sample.Delay("change 1", after: "change 3");

        AssertBroken(HistoryRule.Order);
    }

    [Theory]
    [InlineData(3, "update", """{"id":2,"customer_id":6}""")]
    [InlineData(3, "create", Changed)]
    public void Change_with_another_content_than_committed_is_found(long seq, string action, string record)
    {
        _sample.Instead("change 3", Received(Screen, seq, action, record));

        AssertBroken(HistoryRule.Content);
    }

    [Fact]
    public void Change_that_was_never_committed_is_found()
    {
        _sample.After("ack 6", Received(Screen, 7, "update", Changed));

        AssertBroken(HistoryRule.Content);
    }

    [Fact]
    public void Change_of_another_collection_is_found()
    {
        _sample.After("change 2", Received(Screen, 2, "create", Message));

        AssertBroken(HistoryRule.Content);
    }

    [Fact]
    public void Change_without_a_join_is_found()
    {
        _sample.After("ask 4", Received(Screen, 4, "create", Other));

        AssertBroken(HistoryRule.Unjoined);
    }

    [Theory]
    [InlineData(5, First)]
    [InlineData(5, First, Other, Placed)]
    [InlineData(5, First, OtherChanged)]
    public void Snapshot_that_differs_from_the_log_at_its_seq_is_found(long seq, params string[] records)
    {
        _sample.Instead("look", Snapshot("look", "order", seq, records));

        AssertBroken(HistoryRule.Snapshot);
    }

    [Fact]
    public void Snapshot_older_than_its_seq_is_found()
    {
        _sample.After("ack 6", new JoinRequested("look", "order", null), Snapshot("look", "order", 6, First, Other));

        AssertBroken(HistoryRule.Snapshot);
    }

    [Fact]
    public void Snapshot_without_an_acknowledged_write_is_found()
    {
        _sample.Instead("look", Snapshot("look", "order", 4, First, Changed, Other));

        AssertBroken(HistoryRule.ReadYourWrites);
    }

    [Fact]
    public void Snapshot_without_a_seen_change_is_found()
    {
        _sample.After("change 2", new JoinRequested("look", "message", null), Snapshot("look", "message", 1));

        AssertBroken(HistoryRule.Backwards);
    }

    [Fact]
    public void Recovery_without_an_acknowledged_write_is_found()
    {
        _sample.Instead(
                "missed", new RecoveryReceived(Screen, "order", new Position("e", 4), [new(4, "create", Other)]))
            .After("look over", Received(Screen, 5, "delete", """{"id":2}"""));

        AssertBroken(HistoryRule.ReadYourWrites);
    }

    [Fact]
    public void Recovery_that_differs_from_the_missed_changes_is_found()
    {
        _sample.Instead(
            "missed", new RecoveryReceived(Screen, "order", new Position("e", 5), [new(5, "delete", """{"id":2}""")]));

        AssertBroken(HistoryRule.Recovery); // and the later change shows the order anyway
    }

    [Fact]
    public void Recovery_with_another_content_is_found()
    {
        _sample.Instead("missed", new RecoveryReceived(
            Screen, "order", new Position("e", 5), [new(4, "create", OtherChanged), new(5, "delete", """{"id":2}""")]));

        AssertBroken(HistoryRule.Recovery);
    }

    [Fact]
    public void Recovery_across_epochs_is_found()
    {
        _sample.Instead("rejoin orders", new JoinRequested(Screen, "order", new Position("d", 3)));

        AssertBroken(HistoryRule.Recovery, HistoryRule.Convergence);
    }

    [Fact]
    public void Snapshot_instead_of_a_possible_recovery_is_found()
    {
        _sample.Instead("missed", Snapshot(Screen, "order", 5, First, Other));

        AssertBroken(HistoryRule.Recovery);
    }

    [Fact]
    public void Write_committed_before_an_earlier_acknowledged_one_is_found()
    {
        _sample.Delay("ask 4", after: "ack 5");

        AssertBroken(HistoryRule.RealTime);
    }

    [Fact]
    public void Write_committed_before_an_earlier_seen_change_is_found()
    {
        _sample.Delay("ask 4", after: "missed");
        _sample.Delay("ack 5", after: "ask 4");

        AssertBroken(HistoryRule.RealTime);
    }

    [Theory]
    [InlineData("is", null)]
    [InlineData("is", First)]
    [InlineData("is deleted", Changed)]
    public void Read_without_an_acknowledged_write_is_found(string step, string? record)
    {
        _sample.Instead(step, new RecordAnswered(step == "is" ? "till 1" : "till 2", "order 2", record));

        AssertBroken(HistoryRule.ReadYourWrites);
    }

    [Fact]
    public void Read_without_a_seen_change_is_found()
    {
        _sample.After(
            "change 3", new RecordRequested("till 1", "order 2"), new RecordAnswered("till 1", "order 2", Placed));

        AssertBroken(HistoryRule.Backwards);
    }

    [Fact]
    public void Close_code_that_prevents_a_reconnect_is_found()
    {
        _sample.Instead("lost", new LineLost(Screen, 1000));

        AssertBroken(HistoryRule.Goodbye);
    }

    [Fact]
    public void Screen_without_the_last_change_is_found()
    {
        _sample.Without("change 6");

        AssertBroken(HistoryRule.Convergence);
    }

    [Fact]
    public void Screen_that_does_not_reconnect_is_found()
    {
        _sample.After("ack 6", new LineLost(Screen, 1006));

        AssertBroken(HistoryRule.Convergence, HistoryRule.Convergence); // orders and messages
    }

    [Fact]
    public void List_that_differs_from_the_log_is_found()
    {
        _sample.Instead("quiet", new Quiet("shop", 6, Lists(ListOf(First, Other), ListOf(Message)), []));

        AssertBroken(HistoryRule.Convergence);
    }

    [Fact]
    public void Acknowledged_write_that_the_file_lacks_or_changed_is_found()
    {
        _sample.Instead("ack 1", new WriteAcknowledged("till 1", Place with { Record = First }))
            .After("ack 6", new WriteAcknowledged("till 1", new ShopWrite("delete order 9", "DELETE", "")));

        AssertBroken(HistoryRule.Written, HistoryRule.Written);
    }

    [Fact]
    public void Write_that_is_logged_twice_or_never_sent_is_found()
    {
        _sample.Log.Add(Entry(7, "order", "update", 3, OtherChanged));
        _sample.Without("ask 4");

        AssertBroken(HistoryRule.Written, HistoryRule.Written);
    }

    [Fact]
    public void Fault_report_has_the_clients_previous_events()
    {
        _sample.Without("change 1").After("ack 2", new Happened(Happened.ToServer, "kill -9"));
        var history = _sample.Events;

        var story = Assert.Single(_sample.Find()).Describe(history);

        Assert.StartsWith(
            "Gap: screen, at 14: missed 1 of order and received a later change", story, StringComparison.Ordinal);
        Assert.Contains("10: Happened { Actor = server, What = kill -9 }", story, StringComparison.Ordinal);
        Assert.Contains("14: ChangeReceived { Actor = screen", story, StringComparison.Ordinal);
        Assert.DoesNotContain("till", story, StringComparison.Ordinal);
    }

    private void AssertBroken(params HistoryRule[] rules)
    {
        var faults = _sample.Find();

        Assert.True(rules.SequenceEqual(faults.Select(fault => fault.Rule)), string.Join('\n', faults));
    }
}
