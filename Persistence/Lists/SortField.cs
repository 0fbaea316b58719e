namespace Kaffediem.Persistence.Lists;

/// <summary>A field that a list is sorted by.</summary>
/// <param name="Name">As in the record's JSON. One of <see cref="NamesOf"/>.</param>
/// <param name="IsDescending">Whether the greatest comes first.</param>
public readonly record struct SortField(string Name, bool IsDescending)
{
    /// <summary>The fields that a collection's records can be sorted by.</summary>
    public static IEnumerable<string> NamesOf(string collection) => SortColumns.Of(collection).Keys;
}
