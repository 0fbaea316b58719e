namespace Kaffediem.Server.Records;

/// <summary>How much of its client's quota a request has used.</summary>
/// <param name="Wait">Zero; or after how long the client may try again, and nothing was taken.</param>
/// <param name="GiveBack">
/// Gives it back, for a request that turns out to make nothing new; <c>null</c>: nothing was taken.
/// </param>
internal readonly record struct QuotaUse(TimeSpan Wait, Action? GiveBack = null)
{
    /// <summary>The client has no quota.</summary>
    public static QuotaUse None => default;
}
