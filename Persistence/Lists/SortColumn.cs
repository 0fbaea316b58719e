namespace Kaffediem.Persistence.Lists;

/// <summary>The SQL that sorts by a field.</summary>
/// <param name="Expression">A constant. Its values compare as the field's values do.</param>
internal sealed record SortColumn(string Expression)
{
    /// <summary>
    /// The clause that makes SQLite follow the index, or the table, that has this order; <c>null</c> if none has.
    /// </summary>
    public string? Index { get; init; }

    /// <summary>Whether the index of <c>inserted_at</c> has this order, except within a second.</summary>
    public bool IsTime { get; init; }
}
