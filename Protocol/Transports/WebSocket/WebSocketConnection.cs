using System.IO.Pipelines;
using System.Net.Sockets;

namespace Kaffediem.Protocol;

/// <summary>The connection of a WebSocket whose handshake has been answered.</summary>
/// <param name="Input">The bytes from the client.</param>
/// <param name="Output">The way to the client where there is no plain socket.</param>
/// <param name="PlainSocket">The socket below both, where its bytes are not encrypted or framed.</param>
/// <param name="Abort">Drops the connection at once.</param>
internal sealed record WebSocketConnection(PipeReader Input, Stream Output, Socket? PlainSocket, Action Abort)
{
    private static readonly StreamPipeReaderOptions WaitWithoutBuffer = new(useZeroByteReads: true);

    /// <summary>The connection of a request that lasts as long as the socket.</summary>
    public static WebSocketConnection Of(Stream upgraded, Socket? plainSocket, Action abort) =>
        new(PipeReader.Create(upgraded, WaitWithoutBuffer), upgraded, plainSocket, abort);
}
