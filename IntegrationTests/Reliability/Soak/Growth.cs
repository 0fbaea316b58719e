namespace Kaffediem.IntegrationTests.Reliability.Soak;

/// <summary>How much a measured value has grown over its series, whatever garbage was waiting at each moment.</summary>
/// <param name="Total">
/// From the first window to the last, in the value's unit: the slope times the time between.
/// </param>
/// <param name="PerHour">The slope.</param>
/// <param name="Noise">How far a window usually is from the line: the median distance, in the value's unit.</param>
/// <param name="Windows">How many windows it was told from.</param>
internal sealed record Growth(double Total, double PerHour, double Noise, int Windows)
{
    /// <summary>Fewer windows do not tell growth from noise.</summary>
    public const int FewestWindows = 6;

    private const int MostWindows = 24;
    private const double ToStandardDeviation = 1.4826; // of a median distance
    private const double Sure = 3;

    /// <summary>
    /// How far <see cref="Total"/> may be off, three standard deviations: that of the rise of a line fitted through n
    /// points is their noise times √(12/n).
    /// </summary>
    public double Uncertainty => Sure * ToStandardDeviation * Noise * Math.Sqrt(12.0 / Windows);

    /// <summary>
    /// Fits a line through the lowest values of windows of equal length. Garbage only adds to a process's memory, so
    /// the lowest is the nearest to what is held. Theil-Sen: the median of the slopes between all pairs, which up to a
    /// quarter of the windows may be wrong without moving it far.
    /// </summary>
    public static Growth Of(IReadOnlyList<(TimeSpan At, double Value)> series)
    {
        var minima = Minima(series);
        if (minima.Count < FewestWindows)
        {
            throw new InvalidOperationException($"{series.Count} samples are too few to tell growth from noise.");
        }

        var slope = Median(
            from first in minima
            from second in minima
            where first.At < second.At
            select (second.Value - first.Value) / (second.At - first.At).TotalHours);
        var level = Median(minima.Select(it => it.Value - (slope * it.At.TotalHours)));
        var noise = Median(minima.Select(it => Math.Abs(it.Value - level - (slope * it.At.TotalHours))));
        return new Growth(slope * (minima[^1].At - minima[0].At).TotalHours, slope, noise, minima.Count);
    }

    private static List<(TimeSpan At, double Value)> Minima(IReadOnlyList<(TimeSpan At, double Value)> series)
    {
        var windows = Math.Min(MostWindows, series.Count / 2);
        var (start, length) = (series[0].At, series[^1].At - series[0].At);
        return [.. series
            .GroupBy(it => Math.Min(windows - 1, (int)(windows * ((it.At - start) / length))))
            .OrderBy(window => window.Key)
            .Select(window => window.MinBy(it => it.Value))];
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
