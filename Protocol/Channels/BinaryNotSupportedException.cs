namespace Kaffediem.Protocol;

/// <summary>A binary push to a client that does not support it (<see cref="Channel.SupportsBinary"/>).</summary>
internal sealed class BinaryNotSupportedException()
    : NotSupportedException("The client does not support binary payloads: they need vsn 2.0.x over a WebSocket.");
