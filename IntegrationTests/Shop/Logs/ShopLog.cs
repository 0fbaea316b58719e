using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Log;

namespace Kaffediem.IntegrationTests.Shop.Logs;

/// <summary>All changes since the beginning, read in parts before they are pruned.</summary>
internal sealed class ShopLog
{
    private const int ReadAtOnce = 1000;

    private static readonly Comparer<Change> BySeq =
        Comparer<Change>.Create((one, other) => one.Seq.CompareTo(other.Seq));

    private readonly List<Change> _changes = [];
    private long _firstKept;

    /// <summary>The collections that are written to.</summary>
    public static IReadOnlyList<string> Collections { get; } =
        [.. MenuQuery.Collections, "message", "status", ScreenView.Order];

    public long LastSeq => _changes[^1].Seq;

    public long LastMenuSeq => _changes.FindLast(IsOfMenu)?.Seq ?? 0;

    /// <summary>How many orders left "today" at a day's end.</summary>
    public int OverCount { get; private set; }

    /// <summary>Reads the changes since the last call.</summary>
    public async Task ContinueAsync(Database database)
    {
        _firstKept = (await database.ReadChangesAsync(0, 1, CancellationToken.None))[0].Seq;
        var last = _changes.Count == 0 ? 0 : LastSeq;
        while (await database.ReadChangesAsync(last, ReadAtOnce, CancellationToken.None) is { Count: > 0 } changes)
        {
            // The records themselves are not needed, and those of a hundred thousand changes take much memory.
            _changes.AddRange(changes.Select(change => change with { RecordJson = default }));
            OverCount += changes.Count(change => change.Action == ChangeAction.DayOver);
            last = LastSeq;
        }
    }

    /// <summary>Whether the log still reached back to a seq when it was last read.</summary>
    public bool Knows(long seq) => seq >= _firstKept - 1;

    /// <summary>The changes that a screen with a view must receive.</summary>
    public List<long> SeqsFor(ScreenView view, long after, long upTo) =>
        [.. Between(after, upTo).Where(change => IsFor(view, change)).Select(change => change.Seq)];

    /// <summary>How many of the received menus merge several changes.</summary>
    public int CountMerged(ReceivedRange received) =>
        received.Seqs.Prepend(received.From)
            .Zip(received.Seqs, (from, to) => Between(from, to).Count(IsOfMenu))
            .Count(changes => changes > 1);

    /// <summary>How many orders a change has moved into a view's filter, and how many out of it.</summary>
    public (int Entered, int Left) CountMoves(ReceivedRange received)
    {
        var moves = Between(received.From, received.To)
            .Where(change => change is { Before: not null, After: not null, Action: ChangeAction.Update })
            .Select(change => (Before: received.View.Shows(change.Before), After: received.View.Shows(change.After)))
            .ToList();
        return (moves.Count(move => !move.Before && move.After), moves.Count(move => move.Before && !move.After));
    }

    private static bool IsOfMenu(Change change) => MenuQuery.Collections.Contains(change.Collection);

    private static bool IsFor(ScreenView view, Change change)
    {
        if (change.Collection != view.Collection || change.Collection != ScreenView.Order)
        {
            return change.Collection == view.Collection;
        }

        var (before, after) = (view.Shows(change.Before), view.Shows(change.After));
        return change.Action == ChangeAction.DayOver ? before != after : before || after;
    }

    private IEnumerable<Change> Between(long after, long upTo)
    {
        var found = _changes.BinarySearch(_changes[0] with { Seq = after + 1 }, BySeq);
        for (var index = found < 0 ? ~found : found; index < _changes.Count && _changes[index].Seq <= upTo; index++)
        {
            yield return _changes[index];
        }
    }
}
