using System.Diagnostics;

namespace Kaffediem.Benchmarks.Load;

/// <summary>Percentiles of measured times, in milliseconds.</summary>
internal readonly record struct Milliseconds(double P50, double P99, double Max)
{
    /// <summary>Computes them from times in ticks of <see cref="Stopwatch"/>.</summary>
    public static Milliseconds Of(IEnumerable<long> ticks)
    {
        var sorted = ticks.Order().ToArray();
        return sorted.Length == 0 ? default : new Milliseconds(At(0.5), At(0.99), At(1));

        double At(double share) =>
            Math.Round(
                sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))] * 1000.0 / Stopwatch.Frequency, 3);
    }
}
