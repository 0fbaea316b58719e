namespace Kaffediem.Persistence.Lists;

/// <summary>What SQLite sorts by for a field.</summary>
/// <param name="Expression">SQL, a constant: its values compare as the field's do.</param>
/// <param name="IsIndexed">Whether an index runs in this order.</param>
/// <param name="TimeIndex">
/// The indexed column of stored times that runs in this order except within a second; <c>null</c>: none does.
/// </param>
internal sealed record SortColumn(string Expression, bool IsIndexed = false, string? TimeIndex = null)
{
    /// <summary>Whether the records before a page need not be sorted to find it.</summary>
    public bool HasIndex => IsIndexed || TimeIndex is not null;
}
