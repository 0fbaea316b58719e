namespace Kaffediem.IntegrationTests.Shop.Tills;

/// <summary>A write of a till.</summary>
/// <param name="Mark">Identifies its entry in the log, even if the answer was lost; no other write has it.</param>
/// <param name="Method">The request's method.</param>
/// <param name="Path">The request's path.</param>
/// <param name="Body">The request's body, if it has one.</param>
/// <param name="IdempotencyKey">Its <c>Idempotency-Key</c>, if it has one.</param>
internal sealed record ShopWrite(
    string Mark, string Method, string Path, string? Body = null, string? IdempotencyKey = null)
{
    /// <summary>The record as it was acknowledged; empty for a deletion.</summary>
    public string Record { get; init; } = "";
}
