using System.Collections.Concurrent;

namespace Kaffediem.IntegrationTests.Shop;

/// <summary>Counts what was exercised: a run that no longer exercises something fails.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public void Count(string what, long times = 1) => _counts.AddOrUpdate(what, times, (_, count) => count + times);

    public long Of(string what) => _counts.GetValueOrDefault(what);

    /// <summary>The run must not silently stop covering a case: each of these must have occurred.</summary>
    public void AssertExercised(IEnumerable<string> all) =>
        Assert.All(all, what => Assert.True(Of(what) > 0, $"Not exercised: {what}"));

    public override string ToString() =>
        string.Join('\n', _counts.OrderBy(count => count.Key).Select(count => $"{count.Value,9}  {count.Key}"));
}
