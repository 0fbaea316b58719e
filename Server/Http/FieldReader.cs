using System.Text.Json;
using System.Text.Json.Nodes;
using Kaffediem.Persistence;

namespace Kaffediem.Server.Http;

/// <summary>
/// Reads the fields of one JSON object and casts them as Ecto did in the back end being replaced.
/// Refusals are collected, so that one answer names all that is wrong; a refused field reads as empty.
/// Anything but an object has no fields.
/// </summary>
internal sealed class FieldReader(JsonElement source)
{
    public const string Blank = "can't be blank";
    public const string Invalid = "is invalid";

    /// <summary>Field name → messages, or whatever shape a nested field was refused with; <c>null</c> while all is well.</summary>
    public JsonObject? Errors { get; private set; }

    /// <summary>The field's value when the object names it. Of a name given twice the first counts.</summary>
    public JsonElement? Find(string name)
    {
        if (source.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var property in source.EnumerateObject())
        {
            if (property.NameEquals(name))
            {
                return property.Value;
            }
        }

        return null;
    }

    /// <summary>Reads a field of a partial update: <c>default</c> when the object does not name it.</summary>
    public Optional<T> IfNamed<T>(string name, Func<string, T> read) =>
        Find(name) is null ? default : new Optional<T>(read(name));

    public string? Text(string name) => FindFilled(name) is { } value ? CastText(name, value) : null;

    public long? Integer(string name) => FindFilled(name) is { } value ? CastInteger(name, value) : null;

    public bool? Boolean(string name) => FindFilled(name) is { } value ? CastBoolean(name, value) : null;

    public double? Number(string name) => FindFilled(name) is { } value ? CastNumber(name, value) : null;

    public string RequiredText(string name) => FindRequired(name) is { } value ? CastText(name, value) ?? "" : "";

    public long RequiredInteger(string name) => FindRequired(name) is { } value ? CastInteger(name, value) ?? 0 : 0;

    public bool RequiredBoolean(string name) => FindRequired(name) is { } value && CastBoolean(name, value) is true;

    public void Refuse(string name, params ReadOnlySpan<string> messages)
    {
        var list = new JsonArray();
        foreach (var message in messages)
        {
            list.Add((JsonNode)message);
        }

        Refuse(name, list);
    }

    /// <summary>Refuses a nested field with the errors of its elements.</summary>
    public void Refuse(string name, JsonArray errors) => (Errors ??= [])[name] = errors;

    /// <summary>An integer as JSON or as decimal text with an optional sign; <c>null</c> for anything else, 1.0 and 1e2 included.</summary>
    public static long? ToInteger(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetInt64(out var number) => number,
        JsonValueKind.String => DecimalText.ToInteger(value.GetString()!),
        _ => null,
    };

    /// <summary>The elements of an array, or of an object whose names are indexes: <c>{"0": …, "1": …}</c>, as forms send lists.</summary>
    public static IReadOnlyList<JsonElement>? ToElements(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => [.. value.EnumerateArray()],
        JsonValueKind.Object when value.EnumerateObject().All(entry => DecimalText.ToInteger(entry.Name) is not null) =>
            [.. value.EnumerateObject().OrderBy(entry => DecimalText.ToInteger(entry.Name)).Select(entry => entry.Value)],
        _ => null,
    };

    private JsonElement? FindRequired(string name)
    {
        var value = FindFilled(name);
        if (value is null)
        {
            Refuse(name, Blank);
        }

        return value;
    }

    // Ecto: null and text of nothing but white space are empty, whatever the field's type.
    private JsonElement? FindFilled(string name) => Find(name) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } value when string.IsNullOrWhiteSpace(value.GetString()) => null,
        var value => value,
    };

    private string? CastText(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        Refuse(name, Invalid);
        return null;
    }

    private long? CastInteger(string name, JsonElement value)
    {
        var number = ToInteger(value);
        if (number is null)
        {
            Refuse(name, Invalid);
        }

        return number;
    }

    private double? CastNumber(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()))
        {
            return value.GetDouble();
        }

        Refuse(name, Invalid);
        return null;
    }

    private bool? CastBoolean(string name, JsonElement value)
    {
        bool? cast = value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String when value.ValueEquals("true") || value.ValueEquals("1") => true,
            JsonValueKind.String when value.ValueEquals("false") || value.ValueEquals("0") => false,
            _ => null,
        };
        if (cast is null)
        {
            Refuse(name, Invalid);
        }

        return cast;
    }
}
