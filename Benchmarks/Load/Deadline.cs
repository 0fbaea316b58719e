using System.Diagnostics;

namespace Kaffediem.Benchmarks.Load;

/// <summary>A moment to come.</summary>
internal readonly record struct Deadline(long At)
{
    public bool HasPassed => Stopwatch.GetTimestamp() >= At;

    public static Deadline In(double seconds) =>
        new(Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency));
}
