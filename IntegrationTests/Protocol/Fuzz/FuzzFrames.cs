using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Support.Clients.Framing;
using Utf8Text = System.Text.Unicode.Utf8;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>The expected result of a script of frames.</summary>
internal enum FrameOutcome
{
    /// <summary>No rule is broken; the connection stays open.</summary>
    Sound,

    /// <summary>A rule is broken, or the client closes: the server sends a close frame.</summary>
    Closes,

    /// <summary>
    /// The script ends in the middle of a message or frame: the server may have nobody to send a close frame to.
    /// </summary>
    BrokenOff,
}

/// <summary>Frames with every fault that a frame can have (RFC 6455 §5).</summary>
internal sealed class FuzzFrames
{
    private readonly SeededRandom _random;
    private readonly int _version;
    private readonly Func<FuzzFrame, bool> _isMessage;
    private readonly List<byte> _bytes = [];
    private readonly List<byte> _message = [];
    private bool _isInMessage;
    private bool _isBinary;
    private bool _isOver;
    private bool _hasClose;

    private FuzzFrames(SeededRandom random, int version, Func<FuzzFrame, bool> isMessage) =>
        (_random, _version, _isMessage) = (random, version, isMessage);

    public static (byte[] Bytes, FrameOutcome Outcome, bool HasClose) Make(
        SeededRandom random, int version, Func<FuzzFrame, bool> isMessage)
    {
        var script = new FuzzFrames(random, version, isMessage);
        for (var left = 1 + random.Length(30); left > 0; left--)
        {
            script.Add();
        }

        var isCut = random.OneIn(20) && !script._isOver;
        byte[] bytes = [.. script._bytes];
        return (
            isCut ? bytes[..^(1 + random.Below(Math.Min(8, bytes.Length)))] : bytes,
            isCut || (script._isInMessage && !script._isOver) ? FrameOutcome.BrokenOff
                : script._isOver ? FrameOutcome.Closes : FrameOutcome.Sound,
            script._hasClose);
    }

    private void Add()
    {
        var opcode = _random.OneIn(60) ? _random.Below(16)
            : _random.OneIn(4) ? _random.Pick(Ping, Pong)
            : _random.OneIn(60) ? Close
            : _isInMessage ? Continuation : _random.Pick(Text, Binary);
        var isFinal = !_random.OneIn(opcode >= Close ? 60 : 4);
        var isMasked = !_random.OneIn(100);
        var reserved = _random.OneIn(100) ? _random.Below(8) : 0;
        var payload = Payload(opcode);
        _bytes.AddRange(FrameClient.Frame(
            opcode, payload, isFinal, isMasked, reserved, _random.Bytes(4), _random.Pick(0, 0, 16, 64)));
        if (!_isOver)
        {
            _hasClose |= opcode == Close;
            _isOver = !isMasked || reserved != 0 || Breaks(opcode, payload, isFinal);
        }
    }

    private byte[] Payload(int opcode) => opcode switch
    {
        Close => _random.Pick<byte[]>(
            [], CodeBytes(1000), CodeBytes(1001), CodeBytes(_random.Below(5000)),
            [.. CodeBytes(1000), .. _random.Bytes(9)], [1]),
        Ping or Pong => _random.Bytes(_random.OneIn(60) ? 126 : _random.Length(125)),
        Continuation when _random.OneIn(30) => [],
        Continuation => _random.OneIn(4)
            ? _random.Bytes(_random.Length(40_000))
            : " \r\n"u8[..(1 + _random.Below(3))].ToArray(),
        _ => FuzzMessage.Make(_random, _version).Bytes,
    };

    // The server sends nothing but its close frame after this.
    private bool Breaks(int opcode, byte[] payload, bool isFinal)
    {
        switch (opcode)
        {
            case Close: return true;
            case Ping or Pong: return !isFinal || payload.Length > 125;
            case Continuation when !_isInMessage: return true;
            case Text or Binary when _isInMessage: return true;
            case Text or Binary:
                _isBinary = opcode == Binary;
                _message.Clear();
                break;
            case not Continuation: return true; // reserved
        }

        _isInMessage = !isFinal;
        _message.AddRange(payload);
        return _message.Count > 65_536
            || (opcode == Continuation && payload.Length == 0 && !isFinal)
            || (isFinal ? EndsBadly() : !_isBinary && !CanBecomeText());
    }

    private bool EndsBadly()
    {
        byte[] message = [.. _message];
        return (!_isBinary && !Utf8Text.IsValid(message)) || !_isMessage(new FuzzFrame(message, _isBinary));
    }

    // The next fragment may complete a character.
    private bool CanBecomeText()
    {
        byte[] message = [.. _message];
        return Enumerable.Range(0, Math.Min(4, message.Length + 1)).Any(cut =>
            Utf8Text.IsValid(message.AsSpan(..^cut)));
    }
}
