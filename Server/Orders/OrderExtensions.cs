using Kaffediem.Server.Background;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.Orders;

/// <summary>Registers the orders.</summary>
internal static class OrderExtensions
{
    public static void AddOrders(this IServiceCollection services, QuotaOptions quota)
    {
        services.AddSingleton(quota);
        services.AddSingleton<OrderQuota>();
        services.AddSingleton<OrderFilters>();
        services.AddSingleton<OrderRights>();
        services.AddSingleton<IServedCollection, OrderApi>();
        services.AddPeriodicWork<DayChange>();
    }
}
