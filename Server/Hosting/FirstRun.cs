using Kaffediem.Persistence;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Stores;
using Kaffediem.Server.Accounts;

namespace Kaffediem.Server.Hosting;

/// <summary>
/// Prepares the database. A new one gets a demo menu and, in Development, an administrator. In an existing one a new
/// day may have begun.
/// </summary>
internal static class FirstRun
{
    public static async Task PrepareDatabaseAsync(this WebApplication app, CancellationToken cancellationToken)
    {
        var database = app.Services.GetRequiredService<Database>();
        if (!await FillAsync(database, app.Environment.IsDevelopment(), cancellationToken))
        {
            await DemoMenu.SeedContentAsync(database, cancellationToken);
        }

        await app.Services.GetRequiredService<OrderStore>().BeginDayAsync(cancellationToken);
    }

    /// <summary>Fills a new database; leaves an existing one as it is.</summary>
    /// <returns>Whether it was new.</returns>
    public static async Task<bool> FillAsync(
        Database database, bool isDevelopment, CancellationToken cancellationToken)
    {
        if (!database.IsNew)
        {
            return false;
        }

        var hash = isDevelopment ? Password.Hash(DevelopmentAccount.Password) : null;
        // In one transaction: if it is interrupted, the next start finds an unfilled database and fills it.
        return await database.WriteAsync(
            transaction =>
            {
                if (hash is not null)
                {
                    UserStore.Create(transaction, DevelopmentAccount.Email, "Kaffediem", hash, isAdmin: true);
                }

                return DemoMenu.Seed(transaction);
            },
            cancellationToken);
    }
}
