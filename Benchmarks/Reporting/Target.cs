using System.Globalization;

namespace Kaffediem.Benchmarks.Reporting;

/// <summary>The limit for a figure, or for its ratio to the peer's figure.</summary>
/// <param name="Value">The limit.</param>
/// <param name="IsMinimum">Whether the limit is a minimum; otherwise it is a maximum.</param>
internal sealed record Target(double Value, bool IsMinimum)
{
    public static Target AtLeast(double value) => new(value, IsMinimum: true);

    public static Target AtMost(double value) => new(value, IsMinimum: false);

    public bool IsMetBy(double value) => IsMinimum ? value >= Value : value <= Value;

    public override string ToString() =>
        $"{(IsMinimum ? "≥" : "≤")} {Value.ToString("#,0.###", CultureInfo.InvariantCulture)}";
}
