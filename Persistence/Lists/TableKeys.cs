using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Persistence.Lists;

/// <summary>
/// Finds the ids of a table that only administrators fill: a small one, which is sorted without an index.
/// </summary>
internal static class TableKeys
{
    /// <param name="table">The table; a constant.</param>
    /// <param name="ownOrder">The terms of ORDER BY if no sort is given; a constant.</param>
    public static Func<ReadTransaction, ListSlice, ListedKeys> Of(string table, string ownOrder) =>
        (transaction, slice) => ListedKeys.Find(
            slice,
            () => transaction.Connection.ReadNumber($"SELECT COUNT(*) FROM {table}"),
            place => Find(transaction, table, slice.Sort, ownOrder, place));

    private static List<long> Find(
        ReadTransaction transaction, string table, IReadOnlyList<SortField> sort, string ownOrder, ListPlace place)
    {
        var order = sort.Count == 0
            ? ownOrder
            : SortColumns.OrderBy(SortColumns.Resolve(table, sort), avoidsIndex: false);
        return transaction.ReadNumbers(
            isKept: sort.Count == 0,
            $"""
              SELECT id
                FROM {table}
            ORDER BY {order}
               LIMIT @limit OFFSET @offset
            """,
            ("@limit", place.Limit),
            ("@offset", place.Offset));
    }
}
