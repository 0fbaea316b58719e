namespace Kaffediem.Server.Orders;

/// <summary>How much of its client's quota a request has used.</summary>
/// <param name="Wait">Zero; or how long the client has to wait, in which case nothing was used.</param>
/// <param name="GiveBack">
/// Gives the use back, for a request that turns out to create nothing; <c>null</c>: nothing was used.
/// </param>
internal readonly record struct QuotaUse(TimeSpan Wait, Action? GiveBack = null)
{
    /// <summary>The client has no quota.</summary>
    public static QuotaUse None => default;
}
