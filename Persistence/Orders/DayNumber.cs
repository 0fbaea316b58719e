using Dapper;

namespace Kaffediem.Persistence.Orders;

/// <summary>The number an order is called out by: every day of the shop begins anew at 101.</summary>
internal static class DayNumber
{
    private const long First = 101;

    /// <summary>One more than the day's highest. With one writer, nobody else can take it meanwhile.</summary>
    /// <param name="transaction">The write.</param>
    /// <param name="dayStart">When the current day began.</param>
    public static long Next(WriteTransaction transaction, string dayStart) =>
        // Numbers grow with ids, so the last order has the day's highest, if it is of this day.
        transaction.Connection.QuerySingleOrDefault<long?>(
            """
            SELECT day_id
              FROM (SELECT day_id, inserted_at
                      FROM "order"
                  ORDER BY id DESC
                     LIMIT 1)
             WHERE inserted_at >= @dayStart
            """,
            new { dayStart }) + 1 ?? First;
}
