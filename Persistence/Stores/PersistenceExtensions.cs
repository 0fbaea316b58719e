using Kaffediem.Persistence.Accounts;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Persistence.Stores;

/// <summary>Registers the database, and the stores that have state.</summary>
public static class PersistenceExtensions
{
    /// <summary>
    /// Adds <see cref="Database"/>, opened when first asked for, and the stores that need it, all as singletons. Needs
    /// logging; takes the registered <see cref="TimeProvider"/>, or else the system's.
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
            .AddSingleton<OrderStore>()
            .AddSingleton<UserStore>()
            .AddSingleton<SessionStore>()
            .AddSingleton<KnownDeviceStore>();
    }
}
