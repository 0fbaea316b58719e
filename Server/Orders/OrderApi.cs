using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Background;
using Kaffediem.Server.Identity;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.Orders;

/// <summary>The collection <c>order</c>.</summary>
internal static class OrderApi
{
    public static void AddOrders(this IServiceCollection services, QuotaOptions quota)
    {
        services.AddSingleton(quota);
        services.AddSingleton<OrderQuota>();
        services.AddSingleton<OrderFilters>();
        services.AddSingleton<OrderRights>();
        services.AddPeriodicWork<DayChange>();
    }

    public static void MapOrders(this WebApplication app)
    {
        var orders = app.Services.GetRequiredService<OrderStore>();
        var filters = app.Services.GetRequiredService<OrderFilters>();
        new RecordEndpoints<Order, OrderDraft, OrderPatch>
        {
            Collection = "order",
            CreateRight = WriteRight.PlaceOrder,
            Filters = OrderFilters.Names,
            IsLong = true,
            List = (query, errors) =>
                ReadFilter(query, filters, errors) is { } filter ? OrderStore.Matching(filter) : null,
            Find = orders.FindAsync,
            Current = OrderStore.Find,
            Create = orders.Place,
            Update = OrderStore.Update,
            Delete = OrderStore.Delete,
            ReadDraft = OrderRequests.ReadDraft,
            ReadPatch = OrderRequests.ReadPatch,
            RefuseDraft = app.Services.GetRequiredService<OrderRights>().RefuseAsync,
            CountDraft = app.Services.GetRequiredService<OrderQuota>().TakeAsync,
            ReadUuid = draft => draft.Uuid,
            CatchUp = orders.BeginDayAsync,
            DescribeRefusal = OrderRequests.Describe,
        }.Map(app);
    }

    private static OrderFilter? ReadFilter(IQueryCollection query, OrderFilters filters, List<FieldError> errors)
    {
        var (filter, option, reason) = filters.Read(query);
        if (filter is null)
        {
            errors.Add(new FieldError(option, reason));
        }

        return filter;
    }
}
