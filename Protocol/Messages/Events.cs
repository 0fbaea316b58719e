namespace Kaffediem.Protocol;

/// <summary>The reserved words of the protocol (docs/protocol.md, "Events").</summary>
internal static class Events
{
    public const string Join = "phx_join";
    public const string Leave = "phx_leave";
    public const string Reply = "phx_reply";
    public const string Close = "phx_close";
    public const string Error = "phx_error";
    public const string Heartbeat = "heartbeat";

    public const string PresenceState = "presence_state";
    public const string PresenceDiff = "presence_diff";

    /// <summary>The topic of the socket itself; only its heartbeat means anything.</summary>
    public const string PhoenixTopic = "phoenix";
}
