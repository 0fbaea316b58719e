using Kaffediem.IntegrationTests.Shop.History;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>A rule that a history breaks.</summary>
/// <param name="Rule">Which.</param>
/// <param name="At">The event that shows it, by its place in the history.</param>
/// <param name="Who">Whom it is about.</param>
/// <param name="What">What is wrong.</param>
internal sealed record HistoryFault(HistoryRule Rule, int At, string Who, string What)
{
    private const int Before = 12;
    private const int After = 2;
    private const int LongestLine = 200;

    /// <summary>The fault, and what its one had done and seen by then, with what was done to the server.</summary>
    public string Tell(IReadOnlyList<HistoryEvent> history)
    {
        var lines = history.Index().Where(it => it.Item.Who == Who || it.Item.Who == Happened.ToServer).ToList();
        var last = lines.FindLastIndex(line => line.Index <= At);
        var (first, end) = (Math.Max(0, last - Before), Math.Min(lines.Count, last + 1 + After));
        var story = lines[first..end].Select(line => Shorten($"  {line.Index}: {line.Item}"));
        return $"{Rule}: {Who}, at {At}: {What}\n{string.Join('\n', story)}";
    }

    private static string Shorten(string line) => line.Length <= LongestLine ? line : line[..LongestLine] + "…";
}
