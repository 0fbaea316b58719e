using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;

namespace Kaffediem.Protocol;

/// <summary>
/// A server's own WebSocket as a stream of frames. Where there is no upgrade to a bare stream, as in ASP.NET Core's
/// <c>TestServer</c>, the server speaks RFC 6455 itself and hands out a <see cref="WebSocket"/>. Read from here are a
/// client's masked frames, and server frames are written to it, so that all other code is the same.
/// </summary>
internal sealed class WebSocketStream(WebSocket socket) : Stream
{
    private const int MaxReceived = 4 * 1024;

    // A header before the payload: 2 bytes, 2 of length, 4 of mask. The mask is zero, which changes nothing.
    private const int HeaderLength = 8;

    private readonly byte[] _received = new byte[HeaderLength + MaxReceived];
    private readonly ServerFrameReader _frames = new();
    private ReadOnlyMemory<byte> _unread;
    private bool _isMidMessage;
    private bool _hasEnded;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads the client's frames. One reader at a time.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_unread.IsEmpty && !buffer.IsEmpty && !_hasEnded)
        {
            _unread = await ReceiveAsync(cancellationToken);
        }

        var length = Math.Min(buffer.Length, _unread.Length);
        _unread[..length].CopyTo(buffer);
        _unread = _unread[length..];
        return length;
    }

    /// <summary>Sends frames, which may be cut anywhere. One writer at a time.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            while (_frames.TryRead(ref buffer, out var piece))
            {
                await SendAsync(piece, cancellationToken);
            }
        }
        catch (WebSocketException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    public override void Flush()
    {
        // Nothing is buffered.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();


    private async Task<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(_received.AsMemory(HeaderLength), cancellationToken);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    _hasEnded = true;
                    return Frame(FrameHeader.Close, isFinal: true, CopyCloseStatus());
                }

                // A part without bytes that does not end a message has no meaning.
                if (part.Count > 0 || part.EndOfMessage)
                {
                    return Frame(OpcodeOf(part.MessageType), part.EndOfMessage, part.Count);
                }
            }
        }
        catch (WebSocketException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    private int OpcodeOf(WebSocketMessageType type)
    {
        if (_isMidMessage)
        {
            return FrameHeader.Continuation;
        }

        return type == WebSocketMessageType.Binary ? FrameHeader.Binary : FrameHeader.Text;
    }

    // RFC 6455 §5.2, client to server: FIN+opcode | MASK + 126 | 16 bit of length | mask | payload. A length below 126
    // may not be written so (§5.2, "the minimal number of bytes"), and has its header further right.
    private ReadOnlyMemory<byte> Frame(int opcode, bool isFinal, int length)
    {
        _isMidMessage = opcode < FrameHeader.Close && !isFinal;
        var start = length < 126 ? 2 : 0;
        var header = _received.AsSpan(start, HeaderLength - start);
        header.Clear();
        header[0] = (byte)((isFinal ? 0x80 : 0) | opcode);
        header[1] = (byte)(0x80 | (length < 126 ? length : 126));
        if (length >= 126)
        {
            BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)length);
        }

        return _received.AsMemory(start, HeaderLength - start + length);
    }

    // RFC 6455 §5.5.1: nothing, or a code and a reason in UTF-8.
    private int CopyCloseStatus()
    {
        if (socket.CloseStatus is not { } status || status == WebSocketCloseStatus.Empty)
        {
            return 0;
        }

        var payload = _received.AsSpan(HeaderLength);
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)status);
        return 2 + Encoding.UTF8.GetBytes(socket.CloseStatusDescription ?? "", payload[2..]);
    }

    private Task SendAsync(ServerFrameReader.Piece piece, CancellationToken cancellationToken) => piece.Opcode switch
    {
        FrameHeader.Text => SendAsync(piece, WebSocketMessageType.Text, cancellationToken),
        FrameHeader.Binary => SendAsync(piece, WebSocketMessageType.Binary, cancellationToken),
        FrameHeader.Close => socket.CloseOutputAsync(
            (WebSocketCloseStatus)BinaryPrimitives.ReadUInt16BigEndian(piece.Bytes.Span), null, cancellationToken),
        _ => Task.CompletedTask, // pings never reach us, so there are no pongs
    };

    private Task SendAsync(
        ServerFrameReader.Piece piece, WebSocketMessageType type, CancellationToken cancellationToken) =>
        socket.SendAsync(piece.Bytes, type, piece.EndsFrame, cancellationToken).AsTask();
}
