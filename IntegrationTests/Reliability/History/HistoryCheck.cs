using Kaffediem.IntegrationTests.Shop.History;
using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Screens;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>The changes that somebody has learned of so far: the log must contain them.</summary>
/// <param name="Acknowledged">The last change whose write was acknowledged.</param>
/// <param name="Seen">The last change that any client received, alone or as part of a reply.</param>
internal readonly record struct KnownSeqs(long Acknowledged, long Seen)
{
    /// <summary>The later one.</summary>
    public long Last => Math.Max(Acknowledged, Seen);

    public KnownSeqs WithAcknowledged(long seq) => this with { Acknowledged = Math.Max(Acknowledged, seq) };

    public KnownSeqs WithSeen(long seq) => this with { Seen = Math.Max(Seen, seq) };
}

/// <summary>
/// Checks a history against the change log of the final file, by each <see cref="HistoryRule"/>, and depends on nothing
/// else. The history begins with a quiet moment before the first write.
/// </summary>
internal sealed class HistoryCheck
{
    private readonly IReadOnlyList<HistoryEvent> _history;
    private readonly DiskState _start;
    private readonly DiskState _end;
    private readonly CommittedLog _log;
    private readonly Dictionary<string, long> _seqs;
    private readonly List<HistoryFault> _faults = [];
    private readonly Dictionary<(string Actor, string Collection), TopicCheck> _topics = [];
    private readonly Dictionary<string, (int At, KnownSeqs Known)> _writes = [];
    private readonly Dictionary<string, KnownSeqs> _reads = [];
    private KnownSeqs _known;

    private HistoryCheck(IReadOnlyList<HistoryEvent> history, DiskState start, DiskState end)
    {
        (_history, _start, _end) = (history, start, end);
        _log = new CommittedLog(((Quiet)history[0]).Lists, end.Log);
        _seqs = end.Log.Where(entry => entry.Action != "day_over").DistinctBy(entry => entry.Mark)
            .ToDictionary(entry => entry.Mark, entry => entry.Seq);
    }

    /// <param name="history">Everything that was done and received.</param>
    /// <param name="start">The disk before.</param>
    /// <param name="end">The disk afterwards, with the changes since.</param>
    public static IReadOnlyList<HistoryFault> Find(IReadOnlyList<HistoryEvent> history, DiskState start, DiskState end)
    {
        var check = new HistoryCheck(history, start, end);
        foreach (var (at, happened) in history.Index())
        {
            check.Apply(at, happened);
        }

        check.End();
        return check._faults;
    }

    private void Apply(int at, HistoryEvent happened)
    {
        switch (happened)
        {
            case WriteRequested asked:
                // A retried write may have been done at the first attempt.
                _writes.TryAdd(asked.Write.Mark, (at, _known));
                break;
            case WriteAcknowledged acknowledged:
                _known = _known.WithAcknowledged(_seqs.GetValueOrDefault(acknowledged.Write.Mark));
                break;
            case RecordRequested asked:
                _reads[asked.Actor] = _known;
                break;
            case RecordAnswered answered:
                FindOld(at, answered);
                break;
            case LineLost lost:
                FindGoodbye(at, lost);
                break;
            case Quiet quiet:
                FindDifferences(at, quiet);
                break;
            default:
                ApplyReceived(at, happened);
                break;
        }
    }

    private void ApplyReceived(int at, HistoryEvent happened)
    {
        switch (happened)
        {
            case JoinRequested asked:
                TopicOf(asked.Actor, asked.Collection).Apply(asked, _known);
                break;
            case SnapshotReceived received:
                TopicOf(received.Actor, received.Collection).Apply(at, received);
                _known = _known.WithSeen(received.At.Seq);
                break;
            case RecoveryReceived received:
                TopicOf(received.Actor, received.Collection).Apply(at, received);
                _known = _known.WithSeen(received.At.Seq);
                break;
            case ChangeReceived received:
                TopicOf(received.Actor, received.Collection).Apply(at, received);
                _known = _known.WithSeen(received.Change.Seq);
                break;
        }
    }

    private TopicCheck TopicOf(string actor, string collection) =>
        _topics.TryGetValue((actor, collection), out var topic)
            ? topic
            : _topics[(actor, collection)] = new TopicCheck(
                collection, _log, (rule, at, what) => _faults.Add(new HistoryFault(rule, at, actor, what)));

    private IEnumerable<TopicCheck> TopicsOf(string actor) =>
        _topics.Where(it => it.Key.Actor == actor).Select(it => it.Value);

    private void FindOld(int at, RecordAnswered answered)
    {
        var known = _reads[answered.Actor];
        if (!MayBe(known.Acknowledged))
        {
            Find(HistoryRule.ReadYourWrites, $"was acknowledged up to {known.Acknowledged}");
        }
        else if (!MayBe(known.Seen))
        {
            Find(HistoryRule.Backwards, $"was seen up to {known.Seen}");
        }

        // The record as it was then or became since, but not by a write that was still unsent.
        bool MayBe(long seq) => _log.VersionsFrom(answered.Name, seq, entry => _writes.ContainsKey(entry.Mark))
            .Any(version => RecordList.IsSame(version, answered.Record));

        void Find(HistoryRule rule, string what) => _faults.Add(new HistoryFault(
            rule, at, answered.Actor, $"{answered.Name} was read as {answered.Record ?? "nothing"}, after it {what}"));
    }

    private void FindGoodbye(int at, LineLost lost)
    {
        if (lost.CloseCode == 1000)
        {
            _faults.Add(new HistoryFault(HistoryRule.Goodbye, at, lost.Actor, "was closed with 1000"));
        }

        foreach (var topic in TopicsOf(lost.Actor))
        {
            topic.End();
        }
    }

    private void FindDifferences(int at, Quiet quiet)
    {
        foreach (var (collection, list) in quiet.Lists)
        {
            if (_log.StateAt(collection, quiet.Seq).Difference(list.Records) is { } difference)
            {
                _faults.Add(new HistoryFault(
                    HistoryRule.Convergence,
                    at,
                    quiet.Actor,
                    $"the list of {collection} at {quiet.Seq}: {difference}"));
            }

            foreach (var screen in quiet.Screens)
            {
                TopicOf(screen, collection).Compare(at, list);
            }
        }
    }

    private void End()
    {
        foreach (var topic in _topics.Values)
        {
            topic.End();
        }

        foreach (var (mark, (at, known)) in _writes)
        {
            if (_seqs.TryGetValue(mark, out var seq) && seq <= known.Last)
            {
                _faults.Add(new HistoryFault(HistoryRule.RealTime, at, _history[at].Actor,
                    $"{mark} is {seq}, and was sent when {known.Last} was known already"));
            }
        }

        FindNotWritten();
    }

    private void FindNotWritten()
    {
        var acknowledged = _history.OfType<WriteAcknowledged>().Select(it => it.Write).ToList();
        var asked = _history.OfType<WriteRequested>().Select(it => it.Write).ToList();
        foreach (var what in new CrashCheck(_start).Find(acknowledged, asked, _end))
        {
            _faults.Add(new HistoryFault(HistoryRule.Written, _history.Count - 1, "the file", what));
        }
    }
}
