using System.Data;
using Dapper;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Persistence.Orders;

/// <summary>
/// The shop's current day, as the database has it. It advances only here, inside a write, which also logs that the days
/// of the earlier orders are over. So at every seq, "today" means the same in a list, a snapshot, a replay and the live
/// changes.
/// </summary>
internal static class CurrentDay
{
    // Clocks are often corrected by some seconds, and midnight must not come twice.
    private static readonly TimeSpan SmallCorrection = TimeSpan.FromHours(1);

    /// <summary>When the day began, as times are stored; empty if no day has begun yet.</summary>
    public static string Start(IDbConnection connection) =>
        connection.ReadText(
            """
            SELECT start
              FROM order_day
            """);

    /// <summary>
    /// Advances to the day of the write if it is later, or moves back if the clock had been far ahead. Otherwise
    /// "today" would stay empty, and every order would be number 101, until that date.
    /// </summary>
    /// <returns>The start of the current day, and the changes to log.</returns>
    public static (string Start, IReadOnlyList<NewChange> Changes) Advance(WriteTransaction transaction, ShopDays days)
    {
        var old = OrderCache.Of(transaction).DayStart;
        var start = Timestamp.Format(days.StartAt(transaction.Now));
        if (string.CompareOrdinal(start, old) <= 0 && !IsAhead(old, transaction.Now))
        {
            return (old, []);
        }

        transaction.Connection.Execute(
            """
            UPDATE order_day
               SET start = @start
            """,
            new { start });
        OrderCache.Of(transaction).DayStart = start;
        // The very first day ends no other: no client has seen an order as one of today's.
        return old.Length == 0
            ? (start, [])
            : (start, [.. LogOver(transaction, old, start), .. LogAgain(transaction, start, old)]);
    }

    private static bool IsAhead(string start, DateTimeOffset now) =>
        string.CompareOrdinal(start, Timestamp.Format(now + SmallCorrection)) > 0;

    private static List<NewChange> LogOver(WriteTransaction transaction, string from, string to) =>
        transaction.Connection.Query<Row>(
            """
              SELECT id AS Id, inserted_at AS InsertedAt, customer_id AS CustomerId
                FROM "order"
               WHERE inserted_at >= @from
                 AND inserted_at < @to
            ORDER BY id
            """,
            new { from, to })
        .Select(row => NewChange.DayOver(OrderStore.Collection, row.Id) with
        {
            Before = new OrderKeys(row.InsertedAt, row.CustomerId, IsToday: true).ForLog(),
            After = new OrderKeys(row.InsertedAt, row.CustomerId, IsToday: false).ForLog(),
        })
        .ToList();

    private static IEnumerable<NewChange> LogAgain(WriteTransaction transaction, string from, string to)
    {
        var rows = transaction.Connection.Query<OrderRow>(
            $"""
              SELECT {OrderStore.Columns}
                FROM "order"
               WHERE inserted_at >= @from
                 AND inserted_at < @to
            ORDER BY id
            """,
            new { from, to });
        var colors = OrderCache.Of(transaction).Colors;
        return rows.Select(row =>
            NewChange.Update(OrderStore.Collection, row.Id, row.ToOrder(colors), OrderJson.Wire.Order) with
            {
                Before = row.Keys(to).ForLog(),
                After = row.Keys(from).ForLog(),
            });
    }

    private sealed record Row
    {
        public required long Id { get; init; }

        public required string InsertedAt { get; init; }

        public required long? CustomerId { get; init; }
    }
}
