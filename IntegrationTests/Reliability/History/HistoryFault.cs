using Kaffediem.IntegrationTests.Shop.History;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>The rules that a history is checked against.</summary>
internal enum HistoryRule
{
    /// <summary>
    /// The file has each acknowledged write once, as it was acknowledged, and nothing that was never requested.
    /// </summary>
    Written,

    /// <summary>
    /// A write that was sent after an acknowledgement, or after a change was seen, is committed after it.
    /// </summary>
    RealTime,

    /// <summary>Changes arrive in the order of their commits.</summary>
    Order,

    /// <summary>From a join's reply until the connection ends, no change of the topic is missing.</summary>
    Gap,

    /// <summary>No change arrives twice, nor one that the reply to the join already contains.</summary>
    Duplicate,

    /// <summary>Every change is a committed one, with the committed content.</summary>
    Content,

    /// <summary>A client that has not joined receives nothing.</summary>
    Unjoined,

    /// <summary>The reply to a join has the records that the log gives for its seq.</summary>
    Snapshot,

    /// <summary>A recovery has exactly the missed changes, and is sent unless the epoch differs.</summary>
    Recovery,

    /// <summary>A read after an acknowledgement shows the acknowledged write, or something newer.</summary>
    ReadYourWrites,

    /// <summary>A read after anybody saw a change is not older than that change.</summary>
    Backwards,

    /// <summary>No connection is closed with 1000: phoenix.js would not come back.</summary>
    Goodbye,

    /// <summary>At a quiet moment the screens show what the server has, and the log agrees.</summary>
    Convergence,
}

/// <summary>A rule that a history breaks.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="At">The index of the event that shows it.</param>
/// <param name="Actor">The client concerned.</param>
/// <param name="What">The fault.</param>
internal sealed record HistoryFault(HistoryRule Rule, int At, string Actor, string What)
{
    private const int Before = 12;
    private const int After = 2;
    private const int LongestLine = 200;

    /// <summary>The fault, with what the client did and received before it, and what happened to the server.</summary>
    public string Describe(IReadOnlyList<HistoryEvent> history)
    {
        var lines = history.Index().Where(it => it.Item.Actor == Actor || it.Item.Actor == Happened.ToServer).ToList();
        var last = lines.FindLastIndex(line => line.Index <= At);
        var (first, end) = (Math.Max(0, last - Before), Math.Min(lines.Count, last + 1 + After));
        var story = lines[first..end].Select(line => Shorten($"  {line.Index}: {line.Item}"));
        return $"{Rule}: {Actor}, at {At}: {What}\n{string.Join('\n', story)}";
    }

    private static string Shorten(string line) => line.Length <= LongestLine ? line : line[..LongestLine] + "…";
}
