namespace Kaffediem.Persistence.Lists;

/// <summary>The records to read of a list, and their order; by default all, in the list's own order.</summary>
public sealed record ListSlice
{
    /// <summary>The default.</summary>
    public static ListSlice All { get; } = new();

    /// <summary>
    /// The most important field first. Records without a value come first, <see langword="false"/> before
    /// <see langword="true"/>, text by the numbers of its UTF-16 units, equal records by id. Empty: the list's own
    /// order.
    /// </summary>
    public IReadOnlyList<SortField> Sort { get; init; } = [];

    /// <summary>The page's number, from 1; <see langword="null"/> for all records.</summary>
    public long? Page { get; init; }

    /// <summary>How many records a page has, at least 1.</summary>
    public int PerPage { get; init; } = 1;

    /// <summary>How many pages a number of records fills.</summary>
    public long PagesOf(long total) => (total + PerPage - 1) / PerPage;
}
