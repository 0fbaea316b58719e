using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Records;

/// <summary>
/// How a list is wanted: <c>sort=-price_nok,name</c>, and <c>page</c> (from 1) with <c>perPage</c>. Without these it is
/// all records in the collection's own order.
/// </summary>
internal static class ListView
{
    private const int DefaultPerPage = 30;
    private const int MaxPerPage = 500;
    private const string WholeNumber = "must be a whole number from 1";

    /// <summary>Reads a query; adds what makes no sense in it to the errors.</summary>
    /// <param name="query">The query.</param>
    /// <param name="sortFields">The fields that the list can be sorted by.</param>
    /// <param name="errors">What is wrong.</param>
    public static ListSlice Read(IQueryCollection query, IEnumerable<string> sortFields, List<FieldError> errors)
    {
        var page = ReadNumber(query, "page", long.MaxValue, WholeNumber, errors);
        var perPage = ReadNumber(query, "perPage", MaxPerPage, $"{WholeNumber} to {MaxPerPage}", errors);
        return new ListSlice
        {
            Sort = query.TryGetValue("sort", out var sort) ? ListSort.Read(sort.ToString(), sortFields, errors) : [],
            Page = page ?? (perPage is null ? null : 1),
            PerPage = (int)(perPage ?? DefaultPerPage),
        };
    }

    /// <summary>
    /// Writes the list, record by record: <c>{"items":[…]}</c>, or
    /// <c>{"page":1,"perPage":30,"totalItems":2,"totalPages":1,"items":[…]}</c>.
    /// </summary>
    /// <param name="writer">The output.</param>
    /// <param name="slice">Which part of the list, in which order.</param>
    /// <param name="part">That part.</param>
    /// <param name="json">How a record looks.</param>
    /// <param name="cancellationToken">Looked at before each record.</param>
    public static void Write<TRecord>(
        Utf8JsonWriter writer,
        ListSlice slice,
        ListPart<TRecord> part,
        JsonTypeInfo<TRecord> json,
        CancellationToken cancellationToken)
    {
        writer.WriteStartObject();
        if (part.Total is { } total)
        {
            writer.WriteNumber("page", slice.Page!.Value);
            writer.WriteNumber("perPage", slice.PerPage);
            writer.WriteNumber("totalItems", total);
            writer.WriteNumber("totalPages", slice.PagesOf(total));
        }

        writer.WriteStartArray("items");
        foreach (var record in part.Records)
        {
            cancellationToken.ThrowIfCancellationRequested();
            JsonSerializer.Serialize(writer, record, json);
            // Hands over what is written; the writer would otherwise hold all of it.
            writer.Flush();
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
}
