using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text.Unicode;

namespace Kaffediem.Protocol;

/// <summary>
/// The receiving half of one WebSocket connection: cuts what the client sends into frames and those into messages.
/// While the client is silent there is no buffer. The first part of a frame waits in the pipe for the rest.
/// </summary>
internal sealed class WebSocketReceiver(
    PipeReader input, WebSocketTransport transport, MessageRate rate, HeldInput unfinished, SocketServices services)
{
    private readonly MessageAssembler _message = new(services.Options.MaxMessageBytes);
    private long _unread; // bytes of the current frame

    /// <summary>Whether the client has sent a proper close, its last frame.</summary>
    public bool HasClientClosed { get; private set; }

    /// <summary>
    /// Hands every message to the session until the connection ends. The one place where a malformed message, or a
    /// fault of this library, ends a socket.
    /// </summary>
    /// <returns>Why to close, or <c>null</c> when the client has gone.</returns>
    public async Task<CloseReason?> ReceiveAllAsync(SocketSession session)
    {
        try
        {
            while (true)
            {
                var read = await input.ReadAsync();
                transport.OnReceived();
                if (ReadFrames(read.Buffer, session) is { } end)
                {
                    return end;
                }

                if (read.IsCompleted)
                {
                    return null;
                }

                if (unfinished.Hold(_unread + _message.HeldBytes) != HoldResult.Held)
                {
                    return CloseReason.TooMuchUnfinished;
                }
            }
        }
        catch (Exception exception) when (IsGone(exception))
        {
            return null; // the client has gone without a close
        }
        catch (InvalidMessageException exception)
        {
            SocketLog.InvalidMessage(services.Logger, exception.Message);
            return CloseReason.InvalidMessage;
        }
        catch (Exception exception)
        {
            services.OnFailed(exception);
            return CloseReason.Failed;
        }
    }

    /// <summary>
    /// Reads and discards until the client has gone, so that a close frame is not lost to the reset that closing a TCP
    /// connection with unread data means. The transport's close timeout ends it if the client does not.
    /// </summary>
    public async Task LingerAsync()
    {
        try
        {
            ReadResult read;
            do
            {
                read = await input.ReadAsync();
                input.AdvanceTo(read.Buffer.End);
            }
            while (!read.IsCompleted);
        }
        catch (Exception exception) when (IsGone(exception))
        {
            // The client has gone, or the time is over.
        }
    }

    private static bool IsGone(Exception exception) =>
        exception is IOException or ObjectDisposedException or OperationCanceledException;

    // A message leaves the pipe before it is handled. The rest stays in the pipe, also when the handling fails.
    private CloseReason? ReadFrames(ReadOnlySequence<byte> bytes, SocketSession session)
    {
        try
        {
            while (true)
            {
                if (FrameHeader.Read(bytes, out var fault) is not { } header)
                {
                    return fault;
                }

                fault = header.IsControl ? null : _message.FindFault(header);
                if (fault is not null || bytes.Length - header.PayloadStart < header.PayloadLength)
                {
                    return fault;
                }

                var payload = header.ReadPayload(bytes);
                bytes = bytes.Slice(header.PayloadStart + header.PayloadLength);
                if (Handle(header, payload, session) is { } end)
                {
                    return end;
                }
            }
        }
        finally
        {
            _unread = bytes.Length;
            input.AdvanceTo(bytes.Start, bytes.End);
        }
    }

    private CloseReason? Handle(in FrameHeader header, byte[] payload, SocketSession session)
    {
        switch (header.Opcode)
        {
            case FrameHeader.Close:
                return AnswerToClose(payload);
            case FrameHeader.Ping when !rate.TryCount():
                return CloseReason.TooManyMessages;
            case FrameHeader.Ping:
                transport.Send(FrameBuilder.Pong(payload)); // RFC 6455 §5.5.3: with the ping's own data
                return null;
            case FrameHeader.Pong:
                return null;
        }

        var fault = _message.Add(header, payload, out var message);
        if (message is not null && fault is null)
        {
            session.Receive(message, _message.IsBinary);
        }

        return fault;
    }

    // RFC 6455 §5.5.1: nothing, or a code and a reason in UTF-8.
    private CloseReason AnswerToClose(byte[] payload)
    {
        HasClientClosed = payload.Length != 1 && (payload.Length == 0 || Utf8.IsValid(payload.AsSpan(2)));
        return HasClientClosed && (payload.Length == 0 || IsAllowed(BinaryPrimitives.ReadUInt16BigEndian(payload)))
            ? CloseReason.ClosedByClient
            : CloseReason.ProtocolError;
    }

    // §7.4; those registered since, for servers, are refused as Bandit does (docs/protocol.md, "Close codes").
    private static bool IsAllowed(int code) =>
        code is (>= 1000 and <= 1003) or (>= 1007 and <= 1011) or (>= 3000 and <= 4999);
}
