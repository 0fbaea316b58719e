using System.Text.Json.Serialization.Metadata;
using Kaffediem.Persistence;

namespace Kaffediem.Server.Http;

/// <summary>
/// Orders records by their fields, <c>-price_nok,name</c>: those with nothing in a field first, text by its characters'
/// numbers. Records that are equal in all of them are ordered by id.
/// </summary>
internal sealed class RecordOrder<TRecord> : IComparer<TRecord>
{
    private readonly (Func<object, object?> Get, bool IsDescending)[] _fields;

    private RecordOrder(IEnumerable<(JsonPropertyInfo Property, bool IsDescending)> fields) =>
        _fields = [.. fields.Select(field => (field.Property.Get!, field.IsDescending))];

    /// <summary>Reads a list of fields; adds an error for an unknown field, one without an order, or one named twice.</summary>
    public static RecordOrder<TRecord>? Read(string list, JsonTypeInfo<TRecord> json, List<FieldError> errors)
    {
        var fields = new List<(JsonPropertyInfo, bool)>();
        foreach (var name in list.Split(','))
        {
            var isDescending = name.StartsWith('-');
            var property = Find(json, isDescending ? name[1..] : name);
            if (property is null)
            {
                errors.Add(new FieldError(
                    "sort", $"cannot be by {NameHints.Quote(name)}; it can be by {NameHints.List(Names(json), name)}"));
                return null;
            }

            if (fields.Exists(field => field.Item1 == property))
            {
                errors.Add(new FieldError("sort", $"names {NameHints.Quote(property.Name)} twice"));
                return null;
            }

            fields.Add((property, isDescending));
        }

        return new RecordOrder<TRecord>([.. fields, (json.Properties.First(property => property.Name == "id"), false)]);
    }

    public int Compare(TRecord? x, TRecord? y)
    {
        foreach (var (get, isDescending) in _fields)
        {
            var order = CompareValues(get(x!), get(y!));
            if (order != 0)
            {
                return isDescending ? -order : order;
            }
        }

        return 0;
    }

    private static JsonPropertyInfo? Find(JsonTypeInfo<TRecord> json, string name) =>
        json.Properties.FirstOrDefault(property => property.Name == name && IsOrdered(property.PropertyType));

    private static IEnumerable<string> Names(JsonTypeInfo<TRecord> json) =>
        json.Properties.Where(property => IsOrdered(property.PropertyType)).Select(property => property.Name);

    private static bool IsOrdered(Type type) =>
        typeof(IComparable).IsAssignableFrom(Nullable.GetUnderlyingType(type) ?? type);

    private static int CompareValues(object? x, object? y) => (x, y) switch
    {
        (string text, string other) => string.CompareOrdinal(text, other),
        _ => Comparer<object>.Default.Compare(x, y),
    };
}
