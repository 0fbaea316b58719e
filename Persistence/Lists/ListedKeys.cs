using Dapper;
using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Persistence.Lists;

/// <summary>The ids of a list's records.</summary>
/// <param name="Total">How many records all pages have together; <c>null</c> for an unpaged list.</param>
/// <param name="Ids">The ids of the requested records, in order.</param>
internal readonly record struct ListedKeys(long? Total, List<long> Ids)
{
    /// <summary>Reads the rows with some ids, in their order.</summary>
    /// <param name="transaction">The read.</param>
    /// <param name="columns">The columns to read; a constant.</param>
    /// <param name="table">The table; a constant.</param>
    /// <param name="ids">The ids as JSON: <c>[3,1,2]</c>.</param>
    // json_each accepts any number of ids as one parameter, so the statement is always the same and stays prepared.
    public static IEnumerable<TRow> Pick<TRow>(ReadTransaction transaction, string columns, string table, string ids) =>
        transaction.Connection.Query<TRow>(
            $"""
              SELECT {columns}
                FROM (SELECT key AS position, value AS picked FROM json_each(@ids)) CROSS JOIN {table} ON id = picked
            ORDER BY position
            """,
            new { ids });

    /// <summary>Counts the records and finds the ids of one page; or finds all ids.</summary>
    /// <param name="slice">The requested records.</param>
    /// <param name="count">Counts all records.</param>
    /// <param name="find">Finds the ids in a place of the list.</param>
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
/// <param name="Total">How many records the list has; <c>null</c> for an unpaged list.</param>
/// <param name="Offset">How many records come before the page.</param>
/// <param name="Limit">How many records the page has at most; -1 for all, as in SQLite's LIMIT.</param>
internal readonly record struct ListPlace(long? Total, long Offset, int Limit)
{
    public static ListPlace All { get; } = new(null, 0, -1);
}
