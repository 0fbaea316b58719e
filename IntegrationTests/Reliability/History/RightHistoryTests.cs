using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Reliability.History.HistorySample;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>The check finds nothing where nothing is wrong, also where it looks so.</summary>
[Experiment("History")]
public sealed class RightHistoryTests
{
    private readonly HistorySample _sample = new();

    [Fact]
    public void What_is_in_order_is_found_to_be() => AssertRight();

    [Fact]
    public void A_gap_is_none_where_everything_is_told_anew()
    {
        _sample.Without("told 1").Instead(
            "told 3", new JoinAsked(Screen, "order", null), Snapshot(Screen, "order", 3, First, Changed));

        AssertRight();
    }

    [Fact]
    public void A_write_in_doubt_may_be_there_or_not_and_may_be_asked_for_again()
    {
        _sample.After("ack 5", new WriteAsked("till 1", PlaceOther)) // which was done at the first time, before 5
            .After("ack 1", new WriteAsked("till 3", new ShopWrite("create order c", "POST", "")));

        AssertRight();
    }

    [Fact]
    public void A_join_may_never_be_answered_or_be_answered_with_what_came_after_it()
    {
        _sample.After("ack 3", new LineLost(Screen, null), new JoinAsked(Screen, "order", new Position("e", 3)))
            .After("join orders", new JoinAsked("look", "order", null))
            .After("ack 1", Snapshot("look", "order", 1, First, Placed));

        AssertRight();
    }

    [Fact]
    public void Another_epoch_is_told_everything()
    {
        _sample.Instead("missed", new SnapshotTold(
            Screen, "order", new Position("f", 5), ListOf(First, Other).Records));

        AssertRight();
    }

    [Fact]
    public void The_end_of_a_day_is_nobodys_change()
    {
        _sample.Log.Add(Entry(7, "order", "day_over", 0, "{}"));

        AssertRight();
    }

    private void AssertRight() => Assert.Empty(_sample.Find());
}
