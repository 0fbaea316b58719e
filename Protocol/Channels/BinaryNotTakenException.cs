namespace Kaffediem.Protocol;

/// <summary>A binary push to a client that takes none (<see cref="Channel.TakesBinary"/>).</summary>
internal sealed class BinaryNotTakenException()
    : NotSupportedException("The client takes no binary payloads: they need vsn 2.0.x over a WebSocket.");
