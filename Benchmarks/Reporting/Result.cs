namespace Kaffediem.Benchmarks.Reporting;

/// <summary>One line of the table.</summary>
internal sealed record Result
{
    /// <summary>What is measured.</summary>
    public required string What { get; init; }

    public required string Unit { get; init; }

    /// <summary>Kaffediem's figure: the median over the rounds.</summary>
    public required double Figure { get; init; }

    /// <summary>What it is compared with; <c>null</c>: nothing, the target is for the figure itself.</summary>
    public string? Peer { get; init; }

    public double? PeerFigure { get; init; }

    public double? Ratio => Figure / PeerFigure;

    /// <summary>For the ratio if there is one, else for the figure; <c>null</c>: for information.</summary>
    public Target? Target { get; init; }

    public bool? IsMet => Target?.IsMetBy(Ratio ?? Figure);
}
