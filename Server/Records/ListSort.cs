using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Records;

/// <summary>Reads the parameter <c>sort</c>: <c>-price_nok,name</c>.</summary>
internal static class ListSort
{
    /// <summary>Reads it; adds an error for a field that is unknown, cannot be sorted by, or is named twice.</summary>
    /// <param name="list">The parameter.</param>
    /// <param name="names">The fields that the list can be sorted by.</param>
    /// <param name="errors">Gets the errors.</param>
    public static IReadOnlyList<SortField> Read(string list, IEnumerable<string> names, List<FieldError> errors)
    {
        var fields = new List<SortField>();
        foreach (var part in list.Split(','))
        {
            var isDescending = part.StartsWith('-');
            var name = isDescending ? part[1..] : part;
            if (!names.Contains(name))
            {
                errors.Add(new FieldError(
                    "sort", $"cannot be by {NameHints.Quote(part)}; it can be by {NameHints.List(names, part)}"));
                return [];
            }

            if (fields.Exists(field => field.Name == name))
            {
                errors.Add(new FieldError("sort", $"names {NameHints.Quote(name)} twice"));
                return [];
            }

            fields.Add(new SortField(name, isDescending));
        }

        return fields;
    }
}
