namespace Kaffediem.Persistence.Orders;

/// <summary>The number an order is called out by: every day of the shop begins anew at 101.</summary>
internal static class DayNumber
{
    /// <summary>
    /// SQL: one more than the day's highest, of the day that began at <c>@dayStart</c>. With one writer, nobody else can take
    /// it meanwhile.
    /// </summary>
    // Numbers grow with ids, so the last order has the day's highest, if it is of this day.
    public const string Next =
        """
        (SELECT COALESCE(MAX(day_id) + 1, 101)
           FROM (SELECT day_id, inserted_at
                   FROM "order"
               ORDER BY id DESC
                  LIMIT 1)
          WHERE inserted_at >= @dayStart)
        """;
}
