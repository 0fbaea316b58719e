using Kaffediem.Persistence.Log;

namespace Kaffediem.Persistence.Orders;

/// <summary>The fields of an order that an <see cref="OrderFilter"/> compares.</summary>
/// <param name="InsertedAt">When it was placed, as stored: UTC, with milliseconds unless Kaffebase wrote it.</param>
/// <param name="CustomerId"><inheritdoc cref="Order.CustomerId" path="/summary/node()"/></param>
/// <param name="IsToday">Whether it was placed on the day that was the shop's current one at this moment.</param>
public sealed record OrderKeys(string InsertedAt, long? CustomerId, bool IsToday)
{
    /// <param name="insertedAt">When the order was placed, as stored.</param>
    /// <param name="customerId">The order's customer.</param>
    /// <param name="dayStart">When the shop's current day began.</param>
    internal static OrderKeys Of(string insertedAt, long? customerId, string dayStart) =>
        new(insertedAt, customerId, IsToday: string.CompareOrdinal(insertedAt, dayStart) >= 0);

    /// <summary>The keys of a change; <see langword="null"/> if the order did not exist then.</summary>
    public static OrderKeys? Read(FilterKeys? keys) => keys?.Read(OrderJson.Wire.OrderKeys);

    internal FilterKeys ForLog() => FilterKeys.From(this, OrderJson.Wire.OrderKeys);
}
