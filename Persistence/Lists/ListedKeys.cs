using Dapper;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Lists;

/// <summary>The ids of a list's records.</summary>
/// <param name="Total">How many there are on all pages; <c>null</c> where there are no pages.</param>
/// <param name="Ids">Those that are wanted, in order.</param>
internal readonly record struct ListedKeys(long? Total, List<long> Ids)
{
    /// <summary>Reads the rows with some ids, in their order.</summary>
    /// <param name="transaction">Where.</param>
    /// <param name="columns">What is read of each; a constant.</param>
    /// <param name="table">A constant.</param>
    /// <param name="ids">The ids as JSON: <c>[3,1,2]</c>.</param>
    // json_each: it takes any number of ids as one parameter, so the statement is always the same and stays prepared.
    public static IEnumerable<TRow> Pick<TRow>(ReadTransaction transaction, string columns, string table, string ids) =>
        transaction.Connection.Query<TRow>(
            $"""
              SELECT {columns}
                FROM (SELECT key AS position, value AS picked FROM json_each(@ids)) CROSS JOIN {table} ON id = picked
            ORDER BY position
            """,
            new { ids });

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
        var place = new ListPlace(total, (page - 1) * slice.PerPage, slice.PerPage);
        return new ListedKeys(total, page > slice.PagesOf(total) ? [] : find(place));
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
