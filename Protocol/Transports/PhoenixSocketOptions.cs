namespace Kaffediem.Protocol;

/// <summary>How one socket is served; see <see cref="PhoenixOptions"/> for the limits of all.</summary>
public sealed class PhoenixSocketOptions
{
    /// <summary>From which web pages browsers may connect (default: those of the same origin).</summary>
    public OriginCheck CheckOrigin { get; set; } = OriginCheck.SameOrigin;

    /// <summary>
    /// Whether <c>/longpoll</c> is served beside <c>/websocket</c> (default <c>true</c>), so that phoenix.js can fall
    /// back to it where WebSockets are blocked.
    /// </summary>
    public bool LongPoll { get; set; } = true;

    /// <summary>
    /// The WebSocket subprotocols spoken beside <c>phoenix</c> (default: none). Where any are named, a client that asks
    /// only for others is refused.
    /// </summary>
    public IList<string> Subprotocols { get; } = [];
}
