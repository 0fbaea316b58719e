namespace Kaffediem.Protocol;

/// <summary>A binary push to a client that takes none (<see cref="Channel.SupportsBinary"/>).</summary>
internal sealed class BinaryNotSupportedException()
    : NotSupportedException("The client takes no binary payloads: they need vsn 2.0.x over a WebSocket.");
