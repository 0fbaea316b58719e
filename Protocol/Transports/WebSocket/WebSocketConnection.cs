using System.IO.Pipelines;
using System.Net.Sockets;

namespace Kaffediem.Protocol;

/// <summary>What a WebSocket is served on, once its handshake is answered.</summary>
/// <param name="Input">What the client sends.</param>
/// <param name="Output">What is sent to the client where it cannot be written straight to the socket.</param>
/// <param name="PlainSocket">The socket under both, where its bytes are theirs.</param>
/// <param name="Abort">Drops the connection at once.</param>
internal sealed record WebSocketConnection(PipeReader Input, Stream Output, Socket? PlainSocket, Action Abort)
{
    private static readonly StreamPipeReaderOptions WaitWithoutBuffer = new(useZeroByteReads: true);

    /// <summary>That of a request that lasts as long as the socket.</summary>
    public static WebSocketConnection Of(Stream upgraded, Socket? plainSocket, Action abort) =>
        new(PipeReader.Create(upgraded, WaitWithoutBuffer), upgraded, plainSocket, abort);
}
