using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Persistence.Orders;

/// <summary>The number by which an order is called out. It starts again at 101 on every day of the shop.</summary>
internal static class DayNumber
{
    /// <summary>
    /// One more than the day's highest number. No other write can use it, because there is one writer.
    /// </summary>
    /// <param name="transaction">The write that places the order.</param>
    /// <param name="dayStart">When the day began.</param>
    /// <param name="dayEnd">When the next day begins.</param>
    // Numbers grow with ids, so the last order has the day's highest number if it is of this day. It is of another day
    // if this one has just begun, or if a clock that was days ahead was corrected: then all orders of the day are read.
    public static long Next(WriteTransaction transaction, string dayStart, string dayEnd) =>
        transaction.Connection.Direct(
            """
            SELECT COALESCE((SELECT day_id + 1
                               FROM (SELECT day_id, inserted_at
                                       FROM "order"
                                   ORDER BY id DESC
                                      LIMIT 1)
                              WHERE inserted_at >= @dayStart
                                AND inserted_at < @dayEnd),
                            (SELECT MAX(day_id) + 1
                               FROM "order"
                              WHERE inserted_at >= @dayStart
                                AND inserted_at < @dayEnd),
                            101)
            """)
        .Bind(dayStart)
        .Bind(dayEnd)
        .ReadNumber();
}
