using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Kaffediem.Protocol;

/// <summary>Cuts a JSON frame into its parts, without decoding those that are only echoed or passed on.</summary>
internal ref struct JsonFrameReader(ReadOnlyMemory<byte> frame, JsonReaderOptions options)
{
    private readonly ReadOnlyMemory<byte> _frame = frame;
    private Utf8JsonReader _reader = new(frame.Span, options);

    public readonly JsonTokenType TokenType => _reader.TokenType;

    public readonly string PropertyName => _reader.GetString()!; // a property's name is never null

    public bool Read() => _reader.Read();

    /// <summary>Reads the next value of any kind, as the text that was received.</summary>
    public ReadOnlyMemory<byte> ReadValue()
    {
        if (!_reader.Read() || _reader.TokenType == JsonTokenType.EndArray)
        {
            throw new InvalidMessageException("The message has too few parts.");
        }

        return CutValue();
    }

    /// <summary>Reads the next value as text: a string's content, or the JSON text of anything else.</summary>
    public string ReadText(out ReadOnlyMemory<byte> json)
    {
        json = ReadValue();
        if (json.Span[0] != '"')
        {
            return Encoding.UTF8.GetString(json.Span);
        }

        // The two words of every heartbeat, without an allocation.
        if (_reader.ValueTextEquals("phoenix"u8))
        {
            return Events.PhoenixTopic;
        }

        return _reader.ValueTextEquals("heartbeat"u8)
            ? Events.Heartbeat
            : _reader.GetString()!; // it is a string: see above
    }

    public void SkipRestOfArray()
    {
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            _reader.Skip();
        }
    }

    private ReadOnlyMemory<byte> CutValue()
    {
        var start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        return _frame[start..(int)_reader.BytesConsumed];
    }

    /// <summary>
    /// Turns the JSON reader's exceptions at malformed text into the one exception that closes the socket.
    /// </summary>
    public static Message Guard(
        ReadOnlyMemory<byte> frame,
        JsonReaderOptions options,
        Func<ReadOnlyMemory<byte>, JsonReaderOptions, Message> decode)
    {
        try
        {
            RequireUnicode(frame.Span, options);
            return decode(frame, options);
        }
        catch (JsonException exception)
        {
            throw new InvalidMessageException("The message is not JSON, or nested too deeply.", exception);
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidMessageException("A text of the message is not Unicode.", exception);
        }
    }

    // The JSON reader decodes a string only when asked for its text, and throws then. Without this check, a lone
    // surrogate or broken UTF-8 (which a binary frame may hold) would reach the application, or other clients.
    private static void RequireUnicode(ReadOnlySpan<byte> frame, JsonReaderOptions options)
    {
        if (!Utf8.IsValid(frame))
        {
            throw new InvalidMessageException("The message is not UTF-8.");
        }

        if (frame.IndexOf("\\u"u8) < 0)
        {
            return;
        }

        var reader = new Utf8JsonReader(frame, options);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                reader.GetString();
            }
        }
    }
}
