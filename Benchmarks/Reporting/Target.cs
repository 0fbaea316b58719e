using System.Globalization;

namespace Kaffediem.Benchmarks.Reporting;

/// <summary>What a figure, or its ratio to the peer's, has to be.</summary>
/// <param name="Value">The limit.</param>
/// <param name="IsMinimum">Whether it has to be at least that, rather than at most.</param>
internal sealed record Target(double Value, bool IsMinimum)
{
    public static Target AtLeast(double value) => new(value, IsMinimum: true);

    public static Target AtMost(double value) => new(value, IsMinimum: false);

    public bool IsMetBy(double value) => IsMinimum ? value >= Value : value <= Value;

    public override string ToString() =>
        $"{(IsMinimum ? "≥" : "≤")} {Value.ToString("#,0.###", CultureInfo.InvariantCulture)}";
}
