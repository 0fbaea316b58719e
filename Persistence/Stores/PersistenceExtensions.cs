using Kaffediem.Persistence.Accounts;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Persistence.Stores;

/// <summary>Registers the database and its stores.</summary>
public static class PersistenceExtensions
{
    /// <summary>
    /// Adds <see cref="Database"/>, which is opened at its first use, and the stores, all as singletons. Needs logging.
    /// Uses the registered <see cref="TimeProvider"/>, or the system's if there is none.
    /// </summary>
    public static IServiceCollection AddPersistence(
        this IServiceCollection services, DatabaseOptions options, OrderOptions orders)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton(provider => Database.Open(
                options,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<Database>>()))
            .AddSingleton(new ShopDays(orders))
            .AddSingleton<CategoryStore>()
            .AddSingleton<ItemStore>()
            .AddSingleton<CustomizationKeyStore>()
            .AddSingleton<CustomizationValueStore>()
            .AddSingleton<NoticeStore>()
            .AddSingleton<StatusStore>()
            .AddSingleton<OrderStore>()
            .AddSingleton<UserStore>()
            .AddSingleton<SessionStore>()
            .AddSingleton<KnownDeviceStore>();
    }
}
