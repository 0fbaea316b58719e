using System.Diagnostics;

namespace Kaffediem.Benchmarks.Load;

/// <summary>A point in time after which waiting ends.</summary>
internal readonly record struct Deadline(long At)
{
    public bool HasPassed => Stopwatch.GetTimestamp() >= At;

    public static Deadline In(double seconds) =>
        new(Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency));
}
