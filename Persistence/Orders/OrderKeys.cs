namespace Kaffediem.Persistence.Orders;

/// <summary>What an <see cref="OrderFilter"/> looks at.</summary>
/// <param name="InsertedAt"><inheritdoc cref="Order.InsertedAt" path="/summary/node()"/></param>
/// <param name="CustomerId"><inheritdoc cref="Order.CustomerId" path="/summary/node()"/></param>
/// <param name="IsToday">Whether it was placed on the day that was the shop's current one at this moment.</param>
public sealed record OrderKeys(string InsertedAt, long? CustomerId, bool IsToday);
