namespace Kaffediem.IntegrationTests.Reliability;

/// <summary>Something that a till wants to be written.</summary>
/// <param name="Mark">
/// What its entry in the log is recognised by, whatever has become of the answer; no other write has it.
/// </param>
/// <param name="Method">The request's.</param>
/// <param name="Path">The request's.</param>
/// <param name="Body">The request's, if it has one.</param>
/// <param name="IdempotencyKey">Its <c>Idempotency-Key</c>, if it has one.</param>
internal sealed record ShopWrite(
    string Mark, string Method, string Path, string? Body = null, string? IdempotencyKey = null)
{
    /// <summary>The record as it was acknowledged; empty for a deletion.</summary>
    public string Record { get; init; } = "";
}
