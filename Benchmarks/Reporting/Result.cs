namespace Kaffediem.Benchmarks.Reporting;

/// <summary>One row of the table.</summary>
internal sealed record Result
{
    /// <summary>The name of the measured quantity.</summary>
    public required string What { get; init; }

    public required string Unit { get; init; }

    /// <summary>Kaffediem's figure: the median over the rounds.</summary>
    public required double Figure { get; init; }

    /// <summary>The name of the peer; <c>null</c>: none, and the target applies to the figure itself.</summary>
    public string? Peer { get; init; }

    public double? PeerFigure { get; init; }

    public double? Ratio => Figure / PeerFigure;

    /// <summary>Applies to the ratio, or to the figure if there is none; <c>null</c>: for information only.</summary>
    public Target? Target { get; init; }

    public bool? IsMet => Target?.IsMetBy(Ratio ?? Figure);
}
