namespace Kaffediem.Persistence.Lists;

/// <summary>The ids of a list's records.</summary>
/// <param name="Total">How many there are on all pages; <c>null</c> where there are no pages.</param>
/// <param name="Ids">Those that are wanted, in order.</param>
internal readonly record struct ListedKeys(long? Total, List<long> Ids)
{
    /// <summary>The table of the ids that a parameter gives as JSON: <c>picked</c>, and its <c>position</c>.</summary>
    // json_each: it takes any number of ids as one parameter, so the statement is always the same and stays prepared.
    public const string Picked = "(SELECT key AS position, value AS picked FROM json_each(@ids))";

    /// <summary>Counts, and finds the ids of one page; or finds all.</summary>
    /// <param name="slice">What is wanted.</param>
    /// <param name="count">Counts all records.</param>
    /// <param name="find">Finds the ids in a place.</param>
    public static ListedKeys Find(ListSlice slice, Func<long> count, Func<ListPlace, List<long>> find)
    {
        if (slice.Page is not { } page)
        {
            return new ListedKeys(null, find(ListPlace.All));
        }

        var total = count();
        var pages = (total + slice.PerPage - 1) / slice.PerPage;
        return new ListedKeys(
            total, page > pages ? [] : find(new ListPlace(total, (page - 1) * slice.PerPage, slice.PerPage)));
    }
}

/// <summary>A page's place in a list.</summary>
/// <param name="Total">How many records the list has; <c>null</c> where there are no pages.</param>
/// <param name="Offset">How many records come before.</param>
/// <param name="Limit">How many are wanted at most; -1 for all, as SQLite has it.</param>
internal readonly record struct ListPlace(long? Total, long Offset, int Limit)
{
    public static ListPlace All { get; } = new(null, 0, -1);
}
