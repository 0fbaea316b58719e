using System.Text;
using System.Text.Unicode;

namespace Kaffediem.Protocol;

/// <summary>
/// Puts a client's fragments together into messages (RFC 6455 §5.4), with a bound and a look at their UTF-8.
/// </summary>
internal sealed class MessageAssembler(int maxMessageBytes)
{
    // The message under way, if there is one: its first frame's opcode, and what has come of it.
    private int _opcode;
    private byte[] _bytes = [];
    private int _length;
    private int _validLength;

    public bool IsBinary { get; private set; }

    /// <summary>How many bytes of memory hold what has arrived of the current message.</summary>
    public int HeldBytes => _bytes.Length;

    /// <summary>Finds out whether a frame, other than a control frame, may come now.</summary>
    /// <returns>What to close with, if not. That a message is too long is told when it is announced.</returns>
    public CloseReason? FindFault(in FrameHeader header)
    {
        var isContinuation = header.Opcode == FrameHeader.Continuation;
        if (isContinuation != (_opcode != 0))
        {
            return CloseReason.ProtocolError; // §5.4: nothing to continue, or something else inside a message
        }

        if (isContinuation && header is { IsFinal: false, PayloadLength: 0 })
        {
            return CloseReason.EmptyFragments; // it costs the sender nothing (docs/protocol.md, "Close codes")
        }

        return header.PayloadLength > maxMessageBytes - _length ? CloseReason.MessageTooBig : null;
    }

    /// <summary>Adds a frame that may come.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="payload">Its payload, unmasked.</param>
    /// <param name="message">The whole message, when this was its last frame.</param>
    /// <returns>What to close with, when a text is no UTF-8.</returns>
    public CloseReason? Add(in FrameHeader header, byte[] payload, out byte[]? message)
    {
        message = null;
        var opcode = _opcode == 0 ? header.Opcode : _opcode;
        IsBinary = opcode == FrameHeader.Binary;
        if (_opcode == 0 && header.IsFinal)
        {
            message = payload; // nearly every message is one frame
            return IsBinary || Utf8.IsValid(payload) ? null : CloseReason.InvalidText;
        }

        _opcode = opcode;
        Append(payload);
        if (!IsBinary && !IsValidSoFar(header.IsFinal))
        {
            return CloseReason.InvalidText;
        }

        if (header.IsFinal)
        {
            message = _bytes[.._length];
            (_opcode, _bytes, _length, _validLength) = (0, [], 0, 0);
        }

        return null;
    }

    private void Append(byte[] payload)
    {
        if (_bytes.Length - _length < payload.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + payload.Length));
        }

        payload.CopyTo(_bytes, _length);
        _length += payload.Length;
    }

    // §8.1: what is no UTF-8 is refused at once. Before the last fragment a character may be incomplete.
    private bool IsValidSoFar(bool isWhole)
    {
        var unseen = _bytes.AsSpan(_validLength, _length - _validLength);
        var complete = isWhole ? unseen.Length : unseen.Length - IncompleteTail(unseen);
        _validLength += complete;
        return Utf8.IsValid(unseen[..complete]);
    }

    private static int IncompleteTail(ReadOnlySpan<byte> text)
    {
        for (var length = 1; length <= Math.Min(3, text.Length); length++)
        {
            if (Rune.DecodeFromUtf8(text[^length..], out _, out _) == System.Buffers.OperationStatus.NeedMoreData)
            {
                return length;
            }
        }

        return 0;
    }
}
