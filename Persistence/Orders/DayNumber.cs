namespace Kaffediem.Persistence.Orders;

/// <summary>The number an order is called out by: every day of the shop begins anew at 101.</summary>
internal static class DayNumber
{
    /// <summary>One more than the day's highest. With one writer, nobody else can take it meanwhile.</summary>
    /// <param name="transaction">The one that takes it.</param>
    /// <param name="dayStart">When the day began.</param>
    // Numbers grow with ids, so the last order has the day's highest, if it is of this day.
    public static long Next(WriteTransaction transaction, string dayStart) =>
        transaction.Connection.Direct(
            """
            SELECT COALESCE(MAX(day_id) + 1, 101)
              FROM (SELECT day_id, inserted_at
                      FROM "order"
                  ORDER BY id DESC
                     LIMIT 1)
             WHERE inserted_at >= @dayStart
            """)
        .Bind(dayStart)
        .ReadNumber();
}
