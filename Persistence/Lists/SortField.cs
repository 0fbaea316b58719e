namespace Kaffediem.Persistence.Lists;

/// <summary>A field that a list is sorted by.</summary>
/// <param name="Name">The name in the record's JSON, one of <see cref="NamesOf"/>.</param>
/// <param name="IsDescending">Whether the greatest value comes first.</param>
public readonly record struct SortField(string Name, bool IsDescending)
{
    /// <summary>The fields by which a collection's records can be sorted.</summary>
    public static IEnumerable<string> NamesOf(string collection) => SortColumns.Of(collection).Keys;
}
