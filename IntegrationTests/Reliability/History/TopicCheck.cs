using System.Text.Json;
using Kaffediem.IntegrationTests.Shop.History;
using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Screens;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>Checks what one screen received on one topic against the committed changes.</summary>
/// <param name="collection">The topic, without <c>collection:</c>.</param>
/// <param name="log">The committed changes.</param>
/// <param name="find">Reports a fault: the rule, the index of the event, and a text.</param>
internal sealed class TopicCheck(string collection, CommittedLog log, Action<HistoryRule, int, string> find)
{
    // Changes that were skipped so far, and the index of the event that showed it. They may still arrive, out of order.
    private readonly SortedDictionary<long, int> _skipped = [];
    private readonly Dictionary<long, string> _shown = [];
    private JoinRequested? _asked;
    private KnownSeqs _knownWhenAsked;
    private long _seq;

    /// <summary>Whether it has a reply to its join and receives every change.</summary>
    public bool IsJoined { get; private set; }

    /// <param name="asked">The join.</param>
    /// <param name="known">What any client knew by then.</param>
    public void Apply(JoinRequested asked, KnownSeqs known) => (_asked, _knownWhenAsked) = (asked, known);

    public void Apply(int at, SnapshotReceived received)
    {
        Begin(at, received.At);
        if (_asked?.Since is { } since && since.Epoch == received.At.Epoch)
        {
            find(HistoryRule.Recovery, at, $"got a snapshot instead of the changes since {since.Seq}");
        }

        _shown.Clear();
        foreach (var (id, record) in received.Records)
        {
            _shown[id] = record;
        }

        if (log.StateAt(collection, received.At.Seq).Difference(_shown) is { } difference)
        {
            find(HistoryRule.Snapshot, at, $"{collection} at {received.At.Seq}: {difference}");
        }
    }

    public void Apply(int at, RecoveryReceived received)
    {
        Begin(at, received.At);
        if (_asked?.Since is not { } since || since.Epoch != received.At.Epoch)
        {
            find(HistoryRule.Recovery, at, $"got the changes since {_asked?.Since}, at {received.At}");
            return;
        }

        var missed = log.Between(collection, since.Seq, received.At.Seq).Select(entry => entry.Seq).ToList();
        var seqs = received.Changes.Select(change => change.Seq).ToList();
        if (!missed.SequenceEqual(seqs))
        {
            find(
                HistoryRule.Recovery, at, $"missed {string.Join(' ', missed)} and received {string.Join(' ', seqs)}");
        }

        foreach (var change in received.Changes)
        {
            if (log.Find(collection, change.Seq) is { } entry && Difference(change, entry) is { } difference)
            {
                find(HistoryRule.Recovery, at, difference);
            }

            Show(change);
        }
    }

    public void Apply(int at, ChangeReceived received)
    {
        var change = received.Change;
        if (!IsJoined)
        {
            find(HistoryRule.Unjoined, at, $"received {change.Seq} without having joined {collection}");
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

    /// <summary>The connection or the history has ended: skipped changes can no longer arrive.</summary>
    public void End()
    {
        IsJoined = false;
        FindGaps();
    }

    /// <summary>Compares what it shows with a list.</summary>
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

    private static string? Difference(ReceivedChange received, LogEntry entry) =>
        received.Action == entry.Action && RecordList.IsSame(received.Record, entry.Record)
            ? null
            : $"{received.Seq} was committed as {entry.Action} {entry.Record} and received as {received.Action} "
                + received.Record;

    private void Begin(int at, Position received)
    {
        FindGaps();
        (IsJoined, _seq) = (true, received.Seq);
        if (log.Between(collection, received.Seq, _knownWhenAsked.Acknowledged) is [var written, ..])
        {
            find(
                HistoryRule.ReadYourWrites,
                at,
                $"at {received.Seq} lacks {written.Seq}, acknowledged before the join");
        }
        else if (log.Between(collection, received.Seq, _knownWhenAsked.Seen) is [var seen, ..])
        {
            find(HistoryRule.Backwards, at, $"at {received.Seq} lacks {seen.Seq}, which was seen before the join");
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
            find(HistoryRule.Gap, at, $"missed {seq} of {collection} and received a later change");
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
