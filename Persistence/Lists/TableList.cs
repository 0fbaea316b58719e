using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Persistence.Lists;

/// <summary>Lists a table that only administrators fill: it is small, and sorted without an index.</summary>
internal static class TableList
{
    /// <param name="table">A constant.</param>
    /// <param name="columns">The columns that it can be sorted by.</param>
    /// <param name="ownOrder">The terms after ORDER BY if no sort is given; a constant.</param>
    /// <param name="pick">Reads the records of some ids, in their order: <c>[3,1,2]</c>.</param>
    public static RecordList<TRecord> Of<TRecord>(
        string table,
        SortColumns columns,
        string ownOrder,
        Func<ReadTransaction, string, IEnumerable<TRecord>> pick) =>
        new(
            columns.Fields,
            (transaction, slice) => ListedKeys.Find(
                slice,
                () => transaction.Connection.ReadNumber($"SELECT COUNT(*) FROM {table}"),
                place => slice.Sort.Count == 0
                    ? FindIds(transaction, table, ownOrder, isKept: true, place)
                    : FindIds(transaction, table, OrderBy(columns, slice.Sort), isKept: false, place)),
            transaction => ids => pick(transaction, ids));

    private static string OrderBy(SortColumns columns, IReadOnlyList<SortField> sort) =>
        SortColumns.OrderBy(columns.Resolve(sort), avoidsIndex: false);

    private static List<long> FindIds(
        ReadTransaction transaction, string table, string order, bool isKept, ListPlace place) =>
        transaction.ReadNumbers(
            isKept,
            $"""
              SELECT id
                FROM {table}
            ORDER BY {order}
               LIMIT @limit OFFSET @offset
            """,
            ("@limit", place.Limit),
            ("@offset", place.Offset));
}
