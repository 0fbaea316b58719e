namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>How far the log must go, by what anybody has been told so far.</summary>
/// <param name="Acknowledged">The last change whose write was acknowledged.</param>
/// <param name="Seen">The last change that anybody was told of, or that an answer took into account.</param>
internal readonly record struct KnownSeqs(long Acknowledged, long Seen)
{
    /// <summary>Both.</summary>
    public long Last => Math.Max(Acknowledged, Seen);

    public KnownSeqs WithAcknowledged(long seq) => this with { Acknowledged = Math.Max(Acknowledged, seq) };

    public KnownSeqs WithSeen(long seq) => this with { Seen = Math.Max(Seen, seq) };
}
