namespace Kaffediem.Protocol;

/// <summary>Whether a client may connect.</summary>
public sealed class ConnectResult
{
    private ConnectResult(int? refusedWith) => RefusedWith = refusedWith;

    internal int? RefusedWith { get; }

    /// <summary>Lets the client in.</summary>
    public static ConnectResult Ok() => new(null);

    /// <summary>
    /// Turns the client away. phoenix.js cannot see why and tries again for ever, up to every five seconds.
    /// </summary>
    /// <param name="statusCode">
    /// The HTTP status, 400 to 599 (default 403). A long-poll client is always told 403, the only refusal it
    /// understands.
    /// </param>
    public static ConnectResult Refuse(int statusCode = 403)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(statusCode, 400);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(statusCode, 599);
        return new ConnectResult(statusCode);
    }
}
