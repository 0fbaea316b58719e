using System.Text;
using System.Text.Json;

namespace Kaffediem.Server.Bodies;

/// <summary>
/// Describes what is wrong with JSON, and where: lines and their bytes are counted from 1. Quotes nothing of it.
/// </summary>
internal static class JsonFault
{
    // JsonDocument's default.
    private const int MaxDepth = 64;

    /// <summary>Describes the first fault of JSON that could not be read.</summary>
    public static string Describe(ReadOnlySpan<byte> json)
    {
        if (FindInvalidUtf8(json) is { } invalid)
        {
            return $"The body is not UTF-8: {Position(json, invalid)}.";
        }

        // RFC 8259 §8.1: JSON must not begin with a byte order mark.
        return json.StartsWith(Encoding.UTF8.Preamble)
            ? $"The body begins with a byte order mark, which JSON must not: {Position(json, 0)}."
            : DescribeSyntax(json);
    }

    private static string DescribeSyntax(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        try
        {
            while (reader.Read() && !IsTooDeep(ref reader))
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                {
                    reader.GetString();
                }
            }

            return $"The body is nested more than {MaxDepth} levels deep: "
                + $"{Position(json, (int)reader.TokenStartIndex)}.";
        }
        catch (JsonException exception)
        {
            return $"The body is not valid JSON: line {exception.LineNumber + 1}, byte "
                + $"{exception.BytePositionInLine + 1}.";
        }
        catch (InvalidOperationException)
        {
            return "The body has half a surrogate pair in the text that begins at "
                + $"{Position(json, (int)reader.TokenStartIndex)}.";
        }
    }

    private static bool IsTooDeep(ref Utf8JsonReader reader) =>
        reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && reader.CurrentDepth >= MaxDepth;

    private static int? FindInvalidUtf8(ReadOnlySpan<byte> text)
    {
        for (var at = 0; at < text.Length;)
        {
            if (Rune.DecodeFromUtf8(text[at..], out _, out var length) != System.Buffers.OperationStatus.Done)
            {
                return at;
            }

            at += length;
        }

        return null;
    }

    private static string Position(ReadOnlySpan<byte> text, int at)
    {
        var before = text[..at];
        return $"line {before.Count((byte)'\n') + 1}, byte {at - before.LastIndexOf((byte)'\n')}";
    }
}
