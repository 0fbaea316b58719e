using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Records;

/// <summary>
/// Refuses unknown query parameters: a misspelled filter must not be answered with everything.
/// </summary>
internal static class ListQuery
{
    /// <summary>The parameters of every list.</summary>
    public static readonly IReadOnlyList<string> Common = ["sort", "page", "perPage"];

    // An answer must not outgrow its request.
    private const int MaxNamed = 3;

    /// <summary>Adds an error for each unknown parameter, up to three.</summary>
    public static void RefuseUnknown(IQueryCollection query, IEnumerable<string> known, List<FieldError> errors)
    {
        var names = known.ToArray();
        foreach (var name in query.Keys.Where(name => !IsKnown(name, names)).Take(MaxNamed))
        {
            errors.Add(new FieldError(
                name, $"is not a parameter here; the parameters are {NameHints.List(names, name)}"));
        }
    }

    // An underscore marks parameters not meant for the list: jQuery's cache buster is "_", Phoenix has "_format".
    private static bool IsKnown(string name, string[] known) =>
        name.StartsWith('_') || known.Contains(name, StringComparer.OrdinalIgnoreCase);
}
