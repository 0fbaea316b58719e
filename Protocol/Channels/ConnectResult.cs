namespace Kaffediem.Protocol;

/// <summary>Whether a client may connect.</summary>
public sealed class ConnectResult
{
    private ConnectResult(int? refusedWith) => RefusedWith = refusedWith;

    internal int? RefusedWith { get; }

    /// <summary>Lets the client in.</summary>
    public static ConnectResult Ok() => new(null);

    /// <summary>Refuses the client. phoenix.js cannot see why, and keeps trying, at least every five seconds.</summary>
    /// <param name="statusCode">
    /// The HTTP status, 400 to 599 (default 403). A long-poll client always gets 403, the only refusal that it
    /// understands.
    /// </param>
    public static ConnectResult Refuse(int statusCode = 403)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(statusCode, 400);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(statusCode, 599);
        return new ConnectResult(statusCode);
    }
}
