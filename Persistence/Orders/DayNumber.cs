using Dapper;

namespace Kaffediem.Persistence.Orders;

/// <summary>The number an order is called out by: every UTC day begins anew at 101.</summary>
internal static class DayNumber
{
    private const long First = 101;

    /// <summary>One more than the day's highest. With one writer, nobody else can take it meanwhile.</summary>
    public static long Next(WriteTransaction transaction) =>
        Highest(transaction) is { } highest ? highest + 1 : First;

    // The words are those of the index order_day_number_index, and the order is its own: one step finds the row.
    private static long? Highest(WriteTransaction transaction) =>
        transaction.Connection.QuerySingleOrDefault<long?>(
            """
              SELECT day_id
                FROM "order"
               WHERE substr(inserted_at, 1, 10) = @day
            ORDER BY day_id DESC
               LIMIT 1
            """,
            new { day = Timestamp.FormatDay(transaction.Now) });
}
