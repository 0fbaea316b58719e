using System.Text.Json;
using Kaffediem.IntegrationTests.Shop.History;
using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Screens;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>Holds what one screen was told of one topic against what was committed.</summary>
/// <param name="collection">The topic, without <c>collection:</c>.</param>
/// <param name="log">What was committed.</param>
/// <param name="find">Where to tell what is wrong: the rule, the place in the history, and what.</param>
internal sealed class TopicCheck(string collection, CommittedLog log, Action<HistoryRule, int, string> find)
{
    // Changes that it was not told and later ones were: by seq, where that was seen. They may still come, out of order.
    private readonly SortedDictionary<long, int> _skipped = [];
    private readonly Dictionary<long, string> _shown = [];
    private JoinAsked? _asked;
    private KnownSeqs _knownWhenAsked;
    private long _seq;

    /// <summary>Whether it has been told what there is, and is told every change.</summary>
    public bool IsJoined { get; private set; }

    /// <param name="asked">The join.</param>
    /// <param name="known">What was known by then, to anybody.</param>
    public void Take(JoinAsked asked, KnownSeqs known) => (_asked, _knownWhenAsked) = (asked, known);

    public void Take(int at, SnapshotReceived told)
    {
        Begin(at, told.At);
        if (_asked?.Since is { } since && since.Epoch == told.At.Epoch)
        {
            find(HistoryRule.Recovery, at, $"was not told what it had missed since {since.Seq}, but everything");
        }

        _shown.Clear();
        foreach (var (id, record) in told.Records)
        {
            _shown[id] = record;
        }

        if (log.StateAt(collection, told.At.Seq).Difference(_shown) is { } difference)
        {
            find(HistoryRule.Snapshot, at, $"{collection} at {told.At.Seq}: {difference}");
        }
    }

    public void Take(int at, RecoveryReceived told)
    {
        Begin(at, told.At);
        if (_asked?.Since is not { } since || since.Epoch != told.At.Epoch)
        {
            find(HistoryRule.Recovery, at, $"was told what it missed since {_asked?.Since}, at {told.At}");
            return;
        }

        var missed = log.Between(collection, since.Seq, told.At.Seq);
        if (!missed.Select(entry => entry.Seq).SequenceEqual(told.Changes.Select(change => change.Seq)))
        {
            find(HistoryRule.Recovery, at, $"missed {Seqs(missed)} and was told {Seqs(told.Changes)}");
        }

        foreach (var change in told.Changes)
        {
            if (log.Find(collection, change.Seq) is { } entry && Difference(change, entry) is { } difference)
            {
                find(HistoryRule.Recovery, at, difference);
            }

            Show(change);
        }
    }

    public void Take(int at, ChangeReceived told)
    {
        var change = told.Change;
        if (!IsJoined)
        {
            find(HistoryRule.Unjoined, at, $"was told {change.Seq} without having joined {collection}");
        }

        if (log.Find(collection, change.Seq) is not { } entry)
        {
            find(HistoryRule.Content, at, $"{change} of {collection} was never committed");
            return;
        }

        Advance(at, change.Seq);
        if (Difference(change, entry) is { } difference)
        {
            find(HistoryRule.Content, at, difference);
        }

        Show(change);
    }

    /// <summary>The connection is gone, or the history is over: what was skipped does not come any more.</summary>
    public void End()
    {
        IsJoined = false;
        FindGaps();
    }

    /// <summary>It is to show what a list has.</summary>
    public void Compare(int at, RecordList list)
    {
        if (!IsJoined)
        {
            find(HistoryRule.Convergence, at, $"has not joined {collection}");
        }
        else if (list.Difference(_shown) is { } difference)
        {
            find(HistoryRule.Convergence, at, $"{collection}: {difference}");
        }
    }

    private static string? Difference(ReceivedChange told, LogEntry entry) =>
        told.Action == entry.Action && RecordList.IsSame(told.Record, entry.Record)
            ? null
            : $"{told.Seq} was committed as {entry.Action} {entry.Record} and told as {told.Action} {told.Record}";

    private static string Seqs(IEnumerable<LogEntry> entries) => $"[{string.Join(' ', entries.Select(it => it.Seq))}]";

    private static string Seqs(IEnumerable<ReceivedChange> changes) =>
        $"[{string.Join(' ', changes.Select(it => it.Seq))}]";

    private void Begin(int at, Position told)
    {
        FindGaps();
        (IsJoined, _seq) = (true, told.Seq);
        if (log.Between(collection, told.Seq, _knownWhenAsked.Acknowledged) is [var written, ..])
        {
            find(
                HistoryRule.ReadYourWrites,
                at,
                $"at {told.Seq} lacks {written.Seq}, acknowledged before it was asked for");
        }
        else if (log.Between(collection, told.Seq, _knownWhenAsked.Seen) is [var seen, ..])
        {
            find(HistoryRule.Backwards, at, $"at {told.Seq} lacks {seen.Seq}, which was seen before it was asked for");
        }
    }

    private void Advance(int at, long seq)
    {
        if (seq > _seq)
        {
            foreach (var missed in log.Between(collection, _seq, seq - 1))
            {
                _skipped[missed.Seq] = at;
            }

            _seq = seq;
        }
        else if (_skipped.Remove(seq))
        {
            find(HistoryRule.Order, at, $"{seq} of {collection} came after a later one");
        }
        else
        {
            find(HistoryRule.Duplicate, at, $"{seq} of {collection} came again: it had all up to {_seq}");
        }
    }

    private void FindGaps()
    {
        foreach (var (seq, at) in _skipped)
        {
            find(HistoryRule.Gap, at, $"was not told {seq} of {collection}, but a later change");
        }

        _skipped.Clear();
    }

    private void Show(ReceivedChange change)
    {
        var id = JsonElement.Parse(change.Record).GetProperty("id").GetInt64();
        if (change.Action == "delete")
        {
            _shown.Remove(id);
        }
        else
        {
            _shown[id] = change.Record;
        }
    }
}
