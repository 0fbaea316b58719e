namespace Kaffediem.Protocol;

/// <summary>
/// Reads along in the headers of the client's frames for what the framework's WebSocket notices too late: a frame
/// without a mask, which it only judges once bytes have come in the mask's place, and a message that will be too long,
/// which has to be refused when it is announced and not when it has arrived.
/// </summary>
internal sealed class FrameGuard(int maxMessageBytes)
{
    private const int MaskBytes = 4;

    private int _headerRead;
    private int _headerLength;
    private int _opcode;
    private ulong _length;
    private ulong _payloadLeft;
    private ulong _messageLength;

    /// <summary>What to close with, once the client has sent a frame that is refused.</summary>
    public CloseReason? Fault { get; private set; }

    /// <summary>Looks at the next bytes from the client.</summary>
    /// <returns>How many of them are good: those before a frame that is refused.</returns>
    public int Pass(ReadOnlySpan<byte> bytes)
    {
        var frameStart = 0;
        for (var i = 0; i < bytes.Length;)
        {
            if (_payloadLeft > 0)
            {
                var payload = (int)Math.Min(_payloadLeft, (ulong)(bytes.Length - i));
                _payloadLeft -= (ulong)payload;
                i += payload;
                continue;
            }

            frameStart = _headerRead == 0 ? i : frameStart;
            Fault = ReadHeader(bytes[i++]);
            if (Fault is not null)
            {
                return frameStart;
            }
        }

        return bytes.Length;
    }

    // RFC 6455 §5.2: FIN, RSV and opcode | MASK and length (7 bit, 126 + 16 bit or 127 + 64 bit) | mask | payload
    private CloseReason? ReadHeader(byte next)
    {
        switch (_headerRead++)
        {
            case 0:
                _opcode = next & 0x0F;
                return null;
            case 1 when (next & 0x80) == 0:
                return CloseReason.ProtocolError; // RFC 6455 §5.1: a server must close when a frame is not masked
            case 1:
                var length = next & 0x7F;
                _headerLength = length switch { 126 => 4, 127 => 10, _ => 2 };
                _length = _headerLength == 2 ? (ulong)length : 0;
                break;
            default:
                _length = (_length << 8) | next;
                break;
        }

        return _headerRead == _headerLength ? EndHeader() : null;
    }

    private CloseReason? EndHeader()
    {
        const int Continuation = 0x0;
        const int FirstControl = 0x8;

        if (_length > long.MaxValue)
        {
            return CloseReason.ProtocolError; // RFC 6455 §5.2: the most significant bit must be 0
        }

        _headerRead = 0;
        _payloadLeft = MaskBytes + _length;
        if (_opcode >= FirstControl)
        {
            return null; // no part of the message, and short, or the framework refuses it
        }

        _messageLength = _opcode == Continuation ? _messageLength + _length : _length;
        return _messageLength > (ulong)maxMessageBytes ? CloseReason.MessageTooBig : null;
    }
}
