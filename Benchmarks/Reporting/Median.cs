namespace Kaffediem.Benchmarks.Reporting;

/// <summary>The median of the rounds: a single disturbed round does not count.</summary>
internal static class Median
{
    public static double Of<T>(IEnumerable<T> rounds, Func<T, double> figure)
    {
        var sorted = rounds.Select(figure).Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
