using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Persistence.Orders;

/// <summary>
/// Finds the orders of a list, and their sequence, without decoding any order. There may be years of orders, so a page
/// follows an index wherever its sort has one.
/// </summary>
internal sealed class OrderListKeys
{
    /// <summary>The SQL function from an order's <c>items_data</c> to its total.</summary>
    public const string OrderTotal = "order_total";

    // Up to this many orders, finding them by the filter and sorting them is faster than following the sort's index
    // past all others.
    private const int Few = 1000;

    private static readonly SortField[] OwnOrder = [new("day_id", IsDescending: false)];

    private readonly ReadTransaction _transaction;
    private readonly string _from;
    private readonly long? _customerId;
    private readonly bool _isByTime;

    /// <param name="transaction">The read.</param>
    /// <param name="filter">Selects the orders.</param>
    public OrderListKeys(ReadTransaction transaction, OrderFilter filter)
    {
        _transaction = transaction;
        transaction.Connection.Define(OrderTotal, OrderRow.TotalOf);
        _from = Beginning(transaction, filter);
        _customerId = filter.CustomerId;
        // Uses the filter that leaves fewer orders. Most orders may belong to one customer, the front desk.
        _isByTime = _from.Length > 0 && (_customerId is null || filter.Today || HasManyOrders());
    }

    private string InSeconds => $"inserted_at >= @begin AND inserted_at <= @end AND {Filter()}";

    private bool IsFiltered => _from.Length > 0 || _customerId is not null;

    public ListedKeys Find(ListSlice slice) =>
        ListedKeys.Find(slice, Count, place => Find(slice.Sort, place));

    /// <summary>
    /// The time from which orders may pass the filter, as times are stored; empty, which sorts before all times, for
    /// any.
    /// </summary>
    // One bound: of two, SQLite would look up only the first in the index, and scan everything after it.
    private static string Beginning(ReadTransaction transaction, OrderFilter filter)
    {
        var today = filter.Today ? CurrentDay.Start(transaction.Connection) : "";
        var from = filter.From is { } time ? Timestamp.FormatBound(time) : "";
        return string.CompareOrdinal(from, today) > 0 ? from : today;
    }

    private bool HasManyOrders() =>
        ReadNumbers(
            isKept: true,
            $"""
            SELECT COUNT(*)
              FROM (SELECT 1
                      FROM "order"
                     WHERE customer_id = @customerId
                     LIMIT {Few})
            """)[0] == Few;

    private long Count() =>
        ReadNumbers(
            isKept: true,
            $"""
            SELECT COUNT(*)
              FROM "order"
             WHERE {Filter(usesTime: _isByTime, usesCustomer: !_isByTime)}
            """)[0];

    private List<long> Find(IReadOnlyList<SortField> sort, ListPlace place)
    {
        var columns = OrderStore.Sortable.Resolve(sort.Count == 0 ? OwnOrder : sort);
        var first = columns[0].Column;
        if (place.Total > Few && first.IsTime)
        {
            return FindByTime(columns, place);
        }

        // The index is named, because with further sort fields SQLite would prefer to sort all orders.
        return place.Total > Few && first.Index is { } index
            ? Find(sort, index, Filter(), SortColumns.OrderBy(columns, avoidsIndex: false), place)
            : Find(
                sort,
                index: "",
                Filter(usesTime: _isByTime, usesCustomer: !_isByTime),
                // Without a filter, SQLite still follows the sort's index if there is one.
                SortColumns.OrderBy(columns, avoidsIndex: IsFiltered),
                place);
    }

    private List<long> Find(
        IReadOnlyList<SortField> sort, string index, string filter, string order, ListPlace place) =>
        ReadNumbers(
            isKept: sort.Count == 0,
            $"""
              SELECT id
                FROM "order" {index}
               WHERE {filter}
            ORDER BY {order}
               LIMIT @limit OFFSET @offset
            """,
            ("@limit", place.Limit),
            ("@offset", place.Offset));

    /// <summary>
    /// Finds a page of a list that is sorted by when the orders were placed. The index has that order down to whole
    /// seconds, so only the orders of the seconds on the page are sorted.
    /// </summary>
    private List<long> FindByTime(List<(SortColumn Column, bool IsDescending)> columns, ListPlace place)
    {
        var descending = columns[0].IsDescending ? " DESC" : "";
        var ends = ReadEnds(
            $"""
              SELECT inserted_at, id
                FROM "order"
               WHERE {Filter(usesTime: true)}
            ORDER BY inserted_at{descending}, id{descending}
               LIMIT @limit OFFSET @offset
            """,
            ("@limit", place.Limit),
            ("@offset", place.Offset));
        var (earliest, latest) = columns[0].IsDescending ? (ends[^1], ends[0]) : (ends[0], ends[^1]);
        return ReadNumbers(
            isKept: false,
            $"""
              SELECT id
                FROM "order"
               WHERE {InSeconds}
            ORDER BY {SortColumns.OrderBy(columns, avoidsIndex: true)}
               LIMIT @limit OFFSET @skipped
            """,
            ("@begin", Timestamp.ToSeconds(earliest.Time)),
            ("@end", Timestamp.EndOfSecond(latest.Time)),
            ("@limit", place.Limit),
            ("@skipped", CountOfSameSecond(ends[0], before: columns[0].IsDescending ? ">" : "<")));
    }

    /// <summary>How many orders of the page's first second are on the pages before it.</summary>
    private long CountOfSameSecond((string Time, long Id) first, string before) =>
        ReadNumbers(
            isKept: true,
            $"""
            SELECT COUNT(*)
              FROM "order"
             WHERE {InSeconds}
               AND (+inserted_at, id) {before} (@time, @id)
            """,
            ("@begin", Timestamp.ToSeconds(first.Time)),
            ("@end", Timestamp.EndOfSecond(first.Time)),
            ("@time", first.Time),
            ("@id", first.Id))[0];

    /// <summary>The condition of WHERE. A plus before a column keeps SQLite from using its index.</summary>
    private string Filter(bool usesTime = false, bool usesCustomer = false)
    {
        var time = _from.Length == 0 ? "TRUE" : usesTime ? "inserted_at >= @from" : "+inserted_at >= @from";
        var customer = _customerId is null ? "TRUE"
            : usesCustomer ? "customer_id = @customerId"
            : "+customer_id = @customerId";
        return $"{time} AND {customer}";
    }

    private List<long> ReadNumbers(
        bool isKept, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        _transaction.ReadNumbers(isKept, sql, [("@from", _from), ("@customerId", _customerId), .. parameters]);

    private List<(string Time, long Id)> ReadEnds(
        string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        _transaction.ReadEnds(isKept: false, sql, [("@from", _from), ("@customerId", _customerId), .. parameters]);
}
