using System.Buffers;
using System.Net.WebSockets;
using System.Text.Unicode;

namespace Kaffediem.Protocol;

/// <summary>
/// The receiving half of one WebSocket connection: one whole message at a time. While the client is silent there is no
/// buffer: a read of zero bytes waits, and a buffer is rented once there is something to put into it.
/// </summary>
internal sealed class WebSocketReceiver(
    Stream upgraded, WebSocketTransport transport, MessageRate rate, PhoenixOptions options)
{
    private const int FirstBufferBytes = 4096;

    private readonly WebSocket _webSocket = WebSocket.CreateFromStream(
        new FramedStream(upgraded, transport, new FrameGuard(options.MaxMessageBytes), rate),
        new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });

    /// <summary>Whether the client has sent its last frame, a proper close: nothing is to be expected from it.</summary>
    public bool HasClientClosed => _webSocket.CloseStatus is not null;

    /// <summary>Hands every message to <paramref name="onMessage"/> until the connection ends.</summary>
    /// <returns>Why to close, or <c>null</c> when there is nobody left to tell.</returns>
    public async Task<CloseReason?> ReceiveAllAsync(Action<ReadOnlyMemory<byte>, bool> onMessage)
    {
        try
        {
            while (true)
            {
                var result = await _webSocket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
                var end = result.MessageType == WebSocketMessageType.Close
                    ? AnswerToClose()
                    : await ReceiveMessageAsync(result, onMessage);
                if (end is not null)
                {
                    return end;
                }
            }
        }
        catch (WebSocketException) when (transport.IsClosing)
        {
            return CloseReason.ProtocolError; // RFC 6455 was broken: the framework has written the close frame already
        }
        catch (Exception exception) when (
            exception is WebSocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            return null; // the client has gone without a word
        }
    }

    /// <summary>
    /// Reads and forgets until the client has gone, so that a close frame is not lost to the reset that closing a TCP
    /// connection with unread data means. Ended by the transport's close timeout at the latest.
    /// </summary>
    public async Task LingerAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
        try
        {
            while (await upgraded.ReadAsync(buffer) > 0)
            {
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Gone or timed out: what was to be waited for.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<CloseReason?> ReceiveMessageAsync(
        ValueWebSocketReceiveResult result, Action<ReadOnlyMemory<byte>, bool> onMessage)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
        try
        {
            var length = 0;
            while (!result.EndOfMessage)
            {
                if (length == buffer.Length)
                {
                    buffer = Grow(buffer);
                }

                result = await _webSocket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += result.Count;
                if (EndOf(result) is { } end)
                {
                    return end;
                }
            }

            // The framework does not see that an empty last fragment leaves a character incomplete (RFC 6455 §8.1).
            if (result is { Count: 0, MessageType: WebSocketMessageType.Text } &&
                !Utf8.IsValid(buffer.AsSpan(0, length)))
            {
                return CloseReason.InvalidText;
            }

            // The message outlives the buffer: its parts are slices of this one copy.
            onMessage(buffer.AsSpan(0, length).ToArray(), result.MessageType == WebSocketMessageType.Binary);
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private CloseReason? EndOf(ValueWebSocketReceiveResult result)
    {
        if (result.MessageType == WebSocketMessageType.Close)
        {
            return AnswerToClose();
        }

        // An empty continuation that is not the last costs the sender nothing and the receiver a turn: a flood
        // (spec/protocol.md section 5, as Bandit).
        return result is { Count: 0, EndOfMessage: false } ? CloseReason.EmptyFragments : null;
    }

    // The framework has refused the codes that RFC 6455 §7.4 forbids. Those registered since, for servers, it takes;
    // Bandit refuses them too (spec/protocol.md section 5).
    private CloseReason AnswerToClose() =>
        (int?)_webSocket.CloseStatus is >= 1012 and <= 2999 ? CloseReason.ProtocolError : CloseReason.ClosedByClient;

    private static byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
