using Kaffediem.IntegrationTests.Shop.History;
using Kaffediem.IntegrationTests.Shop.Tills;
using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Reliability.History.HistorySample;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>The check finds nothing in correct histories, not even in suspicious-looking ones.</summary>
[Experiment("History")]
public sealed class RightHistoryTests
{
    private readonly HistorySample _sample = new();

    [Fact]
    public void Correct_history_has_no_fault() => AssertRight();

    [Fact]
    public void Missed_change_before_a_snapshot_is_not_a_gap()
    {
        _sample.Without("change 1").Instead(
            "change 3", new JoinRequested(Screen, "order", null), Snapshot(Screen, "order", 3, First, Changed));

        AssertRight();
    }

    [Fact]
    public void Write_in_doubt_may_be_committed_or_not_and_may_be_retried()
    {
        _sample.After("ack 5", new WriteRequested("till 1", PlaceOther)) // the first attempt was done before 5
            .After("ack 1", new WriteRequested("till 3", new ShopWrite("create order c", "POST", "")));

        AssertRight();
    }

    [Fact]
    public void Join_may_stay_unanswered_or_be_answered_with_later_changes()
    {
        _sample.After("ack 3", new LineLost(Screen, null), new JoinRequested(Screen, "order", new Position("e", 3)))
            .After("join orders", new JoinRequested("look", "order", null))
            .After("ack 1", Snapshot("look", "order", 1, First, Placed));

        AssertRight();
    }

    [Fact]
    public void Another_epoch_gets_a_snapshot()
    {
        _sample.Instead("missed", new SnapshotReceived(
            Screen, "order", new Position("f", 5), ListOf(First, Other).Records));

        AssertRight();
    }

    [Fact]
    public void Day_end_belongs_to_no_write()
    {
        _sample.Log.Add(Entry(7, "order", "day_over", 0, "{}"));

        AssertRight();
    }

    private void AssertRight() => Assert.Empty(_sample.Find());
}
