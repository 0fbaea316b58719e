using System.Text.Json;

namespace Kaffediem.Protocol;

/// <summary>Cuts a JSON frame into its parts without decoding what only needs to be echoed or handed on.</summary>
internal ref struct JsonFrameReader(ReadOnlyMemory<byte> frame)
{
    private readonly ReadOnlyMemory<byte> _frame = frame;
    private Utf8JsonReader _reader = new(frame.Span);

    public readonly JsonTokenType TokenType => _reader.TokenType;

    public readonly string PropertyName => _reader.GetString()!;

    public bool Read() => _reader.Read();

    /// <summary>Reads the next value whole, whatever it is, as the text that was received.</summary>
    public ReadOnlyMemory<byte> ReadValue()
    {
        if (!_reader.Read() || _reader.TokenType == JsonTokenType.EndArray)
        {
            throw new InvalidMessageException("The message has too few parts.");
        }

        return TakeValue();
    }

    /// <summary>Reads the next value as text: a string's content, or the JSON text of anything else.</summary>
    public string ReadText(out ReadOnlyMemory<byte> json)
    {
        json = ReadValue();
        if (json.Span[0] != '"')
        {
            return System.Text.Encoding.UTF8.GetString(json.Span);
        }

        // The words of every frame of an idle client, without an allocation.
        return _reader.ValueTextEquals("phoenix"u8) ? Events.PhoenixTopic
            : _reader.ValueTextEquals("heartbeat"u8) ? Events.Heartbeat
            : _reader.GetString()!;
    }

    public void SkipRestOfArray()
    {
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            _reader.Skip();
        }
    }

    private ReadOnlyMemory<byte> TakeValue()
    {
        var start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        return _frame[start..(int)_reader.BytesConsumed];
    }

    /// <summary>Turns what the JSON reader throws at rubbish into the one exception that closes the socket.</summary>
    public static Message Guard(ReadOnlyMemory<byte> frame, Func<ReadOnlyMemory<byte>, Message> decode)
    {
        try
        {
            return decode(frame);
        }
        catch (JsonException exception)
        {
            throw new InvalidMessageException("The message is not JSON.", exception);
        }
        catch (InvalidOperationException exception)
        {
            // A string with a lone surrogate or broken UTF-8: the reader only notices when asked for its text.
            throw new InvalidMessageException("A text of the message is not Unicode.", exception);
        }
    }
}
