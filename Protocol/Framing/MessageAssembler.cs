using System.Text;
using System.Text.Unicode;

namespace Kaffediem.Protocol;

/// <summary>
/// Assembles a client's fragments into messages (RFC 6455 §5.4), bounds their length, and checks their UTF-8.
/// </summary>
internal sealed class MessageAssembler(int maxMessageBytes)
{
    // The message that is being assembled, if any: its first frame's opcode, and the bytes that have arrived.
    private int _opcode;
    private byte[] _bytes = [];
    private int _length;
    private int _validLength;

    public bool IsBinary { get; private set; }

    /// <summary>How many bytes of memory hold the current message so far.</summary>
    public int HeldBytes => _bytes.Length;

    /// <summary>Checks whether a frame that is not a control frame may come now.</summary>
    /// <returns>The reason to close with, or <c>null</c>. A message that is too long is found by its header.</returns>
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

    /// <summary>Adds a frame that passed <see cref="FindFault"/>.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="payload">Its payload, unmasked.</param>
    /// <param name="message">The whole message, when this was its last frame.</param>
    /// <returns>The reason to close with, when a text is not UTF-8.</returns>
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

    // §8.1: a text that is not UTF-8 is refused at once. Before the last fragment, a character may be incomplete.
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
