using Kaffediem.Persistence;
using Kaffediem.Persistence.Orders;
using Kaffediem.Server.Accounts;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Orders;

/// <summary>The collection <c>order</c>.</summary>
internal static class OrderApi
{
    public static void MapOrders(this WebApplication app)
    {
        var orders = app.Services.GetRequiredService<OrderStore>();
        var time = app.Services.GetRequiredService<TimeProvider>();
        new RecordEndpoints<Order, OrderDraft, OrderPatch>
        {
            Collection = "order",
            Json = RecordJson.Wire.Order,
            CreateRight = WriteRight.PlaceOrder,
            List = async (query, cancellationToken) =>
                ReadFilter(query, time) is { } filter ? await orders.ListAsync(filter, cancellationToken) : null,
            Find = orders.FindAsync,
            Current = OrderStore.Find,
            Create = OrderStore.Place,
            Update = OrderStore.Update,
            Delete = OrderStore.Delete,
            ReadDraft = OrderRequests.ReadDraft,
            ReadPatch = OrderRequests.ReadPatch,
            ReadUuid = draft => draft.Uuid,
            Today = () => OrderDay.StartOfToday(time),
            DescribeRefusal = OrderRequests.Describe,
        }.Map(app);
    }

    /// <summary><c>from_date=today</c> (the UTC day; no other date is understood) and <c>customer_id=7</c>.</summary>
    private static OrderFilter? ReadFilter(IQueryCollection query, TimeProvider time)
    {
        var isToday = query["from_date"] == OrderDay.Today;
        var filter = new OrderFilter { From = isToday ? OrderDay.StartOfToday(time) : null };
        if (!query.TryGetValue("customer_id", out var text))
        {
            return filter;
        }

        return DecimalText.ToId(text.ToString()) is { } customerId ? filter with { CustomerId = customerId } : null;
    }
}
