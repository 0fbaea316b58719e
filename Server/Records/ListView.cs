using System.Text.Json;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Records;

/// <summary>
/// Which part of a list a client wants: <c>sort=-price_nok,name</c>, and <c>page</c> (from 1) with <c>perPage</c>.
/// Without these it is all records in the collection's own order.
/// </summary>
internal static class ListView
{
    private const int DefaultPerPage = 30;
    private const int MaxPerPage = 500;
    private const string WholeNumber = "must be a whole number from 1";

    /// <summary>Reads a query; adds an error for each malformed parameter.</summary>
    /// <param name="query">The query.</param>
    /// <param name="sortFields">The fields that the list can be sorted by.</param>
    /// <param name="errors">Gets the errors.</param>
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
    /// <param name="total">How many records the list has on all pages; <c>null</c> where there are no pages.</param>
    /// <param name="writeItems">Writes the array of records.</param>
    public static void Write(Utf8JsonWriter writer, ListSlice slice, long? total, Action writeItems)
    {
        writer.WriteStartObject();
        if (total is { } totalItems && slice.Page is { } page)
        {
            writer.WriteNumber("page", page);
            writer.WriteNumber("perPage", slice.PerPage);
            writer.WriteNumber("totalItems", totalItems);
            writer.WriteNumber("totalPages", slice.PagesOf(totalItems));
        }

        writer.WritePropertyName("items");
        writeItems();
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
