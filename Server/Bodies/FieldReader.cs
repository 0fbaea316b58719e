using System.Text.Json;
using System.Text.Json.Nodes;
using Kaffediem.Persistence;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Bodies;

/// <summary>
/// Reads the fields of one JSON object and casts them as Ecto did in Kaffebase. Refusals are collected, so that one
/// answer names all errors; a refused field reads as empty. Anything but an object has no fields.
/// </summary>
/// <param name="source">The object.</param>
/// <param name="request">The request whose body it is; <c>null</c> for a nested object.</param>
internal sealed class FieldReader(JsonElement source, HttpRequest? request = null)
{
    public const string Blank = "can't be blank";
    public const string Invalid = "is invalid";
    public const string Negative = "must be greater than or equal to 0";

    // An answer must not outgrow its request.
    private const int MaxUnknownNamed = 3;

    private readonly List<string> _asked = [];
    private string? _fileField;

    /// <summary>The request whose body is read; <c>null</c> in a nested object.</summary>
    public HttpRequest? Request => request;

    /// <summary>Field → messages, or the errors of a nested field's elements; <c>null</c> while all is well.</summary>
    public JsonObject? Errors { get; private set; }

    /// <summary>The field's value when the object names it. Of a name given twice the first counts.</summary>
    public JsonElement? Find(string name)
    {
        Ask(name);
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

    // Each reads an empty field as null, and a required one, which it refuses if empty, as the type's default.

    public string? Text(string name) => Cast(name, FindFilled(name), ToText);

    public long? Integer(string name) => Cast(name, FindFilled(name), ToInteger);

    public bool? Boolean(string name) => Cast(name, FindFilled(name), ToBoolean);

    public double? Number(string name) => Cast(name, FindFilled(name), ToNumber);

    public string RequiredText(string name) => Cast(name, FindRequired(name), ToText) ?? "";

    public long RequiredInteger(string name) => Cast(name, FindRequired(name), ToInteger) ?? 0;

    public bool RequiredBoolean(string name) => Cast(name, FindRequired(name), ToBoolean) ?? false;

    /// <summary>A text that is one of a few.</summary>
    /// <param name="name">The field.</param>
    /// <param name="values">The texts.</param>
    /// <param name="mustBe">The message for anything else.</param>
    public string RequiredOneOf(string name, IReadOnlyList<string> values, string mustBe)
    {
        if (FindRequired(name) is not { } value)
        {
            return "";
        }

        var text = ToText(value) ?? "";
        if (!values.Contains(text))
        {
            Refuse(name, mustBe);
        }

        return text;
    }

    /// <summary>The files that a form has for a field; elsewhere none.</summary>
    public IReadOnlyList<IFormFile> Files(string name)
    {
        Ask(name);
        _fileField = name;
        return [.. AllFiles().Where(file => file.Name == name)];
    }

    /// <summary>
    /// Refuses the fields that were not read: a misspelled one must not be dropped silently. Names that begin with an
    /// underscore, such as <c>_csrf_token</c>, are not meant for the record.
    /// </summary>
    /// <param name="alsoKnown">Fields that are ignored.</param>
    public void RefuseUnknown(IReadOnlyList<string> alsoKnown)
    {
        if (source.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        var named = 0;
        foreach (var field in source.EnumerateObject())
        {
            if (named < MaxUnknownNamed && !IsOneOf(_asked, field) && !IsOneOf(alsoKnown, field)
                && !field.Name.StartsWith('_'))
            {
                Refuse(field.Name, $"is not a field; the fields are {NameHints.List(_asked, field.Name)}");
                named++;
            }
        }
    }

    /// <summary>Refuses the files of all fields but the one that <see cref="Files"/> was asked for.</summary>
    public void RefuseOtherFiles()
    {
        foreach (var file in AllFiles().Where(file => file.Name != _fileField))
        {
            Refuse(
                file.Name,
                file is { FileName: "", ContentType: null or "" } ? "must be text in UTF-8" : "cannot be a file");
        }
    }

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

    /// <summary>An integer in JSON or as decimal text; <c>null</c> for anything else, 1.0 and 1e2 included.</summary>
    public static long? ToInteger(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetInt64(out var number) => number,
        JsonValueKind.String => DecimalText.ToInteger(value.GetString() ?? ""),
        _ => null,
    };

    /// <summary>The elements of an array, or of an object whose names are indexes, <c>{"0": …, "1": …}</c>.</summary>
    public static IReadOnlyList<JsonElement>? ToElements(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => [.. value.EnumerateArray()],
        JsonValueKind.Object when value.EnumerateObject().All(entry => DecimalText.ToInteger(entry.Name) is not null) =>
        [
            .. value.EnumerateObject().OrderBy(entry => DecimalText.ToInteger(entry.Name)).Select(entry => entry.Value),
        ],
        _ => null,
    };

    private void Ask(string name)
    {
        if (!_asked.Contains(name))
        {
            _asked.Add(name);
        }
    }

    // Compares the bytes: a body that has only known fields allocates no text.
    private static bool IsOneOf(IReadOnlyList<string> names, JsonProperty field)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (field.NameEquals(names[i]))
            {
                return true;
            }
        }

        return false;
    }

    private IReadOnlyList<IFormFile> AllFiles() => request is { HasFormContentType: true } ? request.Form.Files : [];

    private JsonElement? FindRequired(string name)
    {
        var value = FindFilled(name);
        if (value is null)
        {
            Refuse(name, Blank);
        }

        return value;
    }

    // Ecto: null and text that consists only of white space are empty, whatever the field's type.
    private JsonElement? FindFilled(string name) => Find(name) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } value when string.IsNullOrWhiteSpace(value.GetString()) => null,
        var value => value,
    };

    private T? Cast<T>(string name, JsonElement? value, Func<JsonElement, T?> cast)
    {
        if (value is null)
        {
            return default;
        }

        var result = cast(value.Value);
        if (result is null)
        {
            Refuse(name, Invalid);
        }

        return result;
    }

    private static string? ToText(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? ToNumber(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()) ? value.GetDouble() : null;

    private static bool? ToBoolean(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when value.ValueEquals("true") || value.ValueEquals("1") => true,
        JsonValueKind.String when value.ValueEquals("false") || value.ValueEquals("0") => false,
        _ => null,
    };
}
