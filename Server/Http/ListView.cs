using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Kaffediem.Persistence;

namespace Kaffediem.Server.Http;

/// <summary>
/// How a list is wanted: <c>sort=-price_nok,name</c>, and <c>page</c> (from 1) with <c>perPage</c>. Without these it is
/// all records in the collection's own order.
/// </summary>
internal sealed class ListView<TRecord>
{
    private const int DefaultPerPage = 30;
    private const int MaxPerPage = 500;
    private const string WholeNumber = "must be a whole number from 1";

    private readonly RecordOrder<TRecord>? _order;
    private readonly long? _page;
    private readonly int _perPage;

    private ListView(RecordOrder<TRecord>? order, long? page, int perPage)
    {
        _order = order;
        _page = page;
        _perPage = perPage;
    }

    /// <summary>Reads a query; adds what makes no sense in it to the errors.</summary>
    public static ListView<TRecord> Read(IQueryCollection query, JsonTypeInfo<TRecord> json, List<FieldError> errors)
    {
        var page = ReadNumber(query, "page", long.MaxValue, WholeNumber, errors);
        var perPage = ReadNumber(query, "perPage", MaxPerPage, $"{WholeNumber} to {MaxPerPage}", errors);
        var order = query.TryGetValue("sort", out var fields)
            ? RecordOrder<TRecord>.Read(fields.ToString(), json, errors)
            : null;
        return new ListView<TRecord>(order, page ?? (perPage is null ? null : 1), (int)(perPage ?? DefaultPerPage));
    }

    /// <summary>
    /// Writes the list: <c>{"items":[…]}</c>, or
    /// <c>{"page":1,"perPage":30,"totalItems":2,"totalPages":1,"items":[…]}</c>.
    /// </summary>
    public void Write(Utf8JsonWriter writer, IReadOnlyList<TRecord> records, JsonTypeInfo<TRecord> json)
    {
        writer.WriteStartObject();
        if (_page is not null)
        {
            writer.WriteNumber("page", _page.Value);
            writer.WriteNumber("perPage", _perPage);
            writer.WriteNumber("totalItems", records.Count);
            writer.WriteNumber("totalPages", TotalPages(records));
        }

        writer.WriteStartArray("items");
        foreach (var record in Select(records))
        {
            JsonSerializer.Serialize(writer, record, json);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static long? ReadNumber(
        IQueryCollection query, string name, long max, string reason, List<FieldError> errors)
    {
        if (!query.TryGetValue(name, out var text))
        {
            return null;
        }

        var number = DecimalText.ToInteger(text.ToString());
        if (number is null || number < 1 || number > max)
        {
            errors.Add(new FieldError(name, reason));
            return null;
        }

        return number;
    }

    private IEnumerable<TRecord> Select(IReadOnlyList<TRecord> records)
    {
        IEnumerable<TRecord> ordered = _order is null ? records : records.Order(_order);
        return _page is null ? ordered
            : _page > TotalPages(records) ? []
            : ordered.Skip((int)(_page.Value - 1) * _perPage).Take(_perPage);
    }

    private int TotalPages(IReadOnlyList<TRecord> records) => (records.Count + _perPage - 1) / _perPage;
}
