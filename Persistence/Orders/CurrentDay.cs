using System.Data;
using Dapper;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Orders;

/// <summary>
/// The shop's current day, as the database has it. It moves on only here, inside a write, which logs that the orders of
/// the days before are over: so "today" means the same to a list, a snapshot, a replay and the live changes at every
/// seq.
/// </summary>
internal static class CurrentDay
{
    // Clocks are put right by some seconds all the time: midnight is not to come twice.
    private static readonly TimeSpan SmallCorrection = TimeSpan.FromHours(1);

    /// <summary>When it began, as times are stored; empty when no day has begun yet.</summary>
    public static string Start(IDbConnection connection) =>
        connection.ReadText(
            """
            SELECT start
              FROM order_day
            """);

    /// <summary>
    /// Moves on to the day of the write, if that is a later one; or back to it, if the clock was far ahead and has been
    /// put right: else there would be no today, and every order would be the first one, until that day has come.
    /// </summary>
    /// <returns>The start of the current day, and what has changed.</returns>
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
        // The first day ever ends nothing: nobody has seen an order as one of today's.
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
            NewChange.Update(OrderStore.Collection, row.Id, row.ToOrder(colors), RecordJson.Wire.Order) with
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
