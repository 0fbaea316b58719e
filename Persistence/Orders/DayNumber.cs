using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Orders;

/// <summary>The number an order is called out by: every day of the shop begins anew at 101.</summary>
internal static class DayNumber
{
    /// <summary>One more than the day's highest. With one writer, nobody else can take it meanwhile.</summary>
    /// <param name="transaction">The one that takes it.</param>
    /// <param name="dayStart">When the day began.</param>
    /// <param name="dayEnd">When the next one begins.</param>
    // Numbers grow with ids, so the last order has the day's highest if it is of this day. It is not when the day has
    // just begun, or when a clock that was days ahead has been put right: then all orders of the day are looked at.
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
