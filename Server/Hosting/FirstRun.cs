using Kaffediem.Persistence;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Stores;
using Kaffediem.Server.Accounts;

namespace Kaffediem.Server.Hosting;

/// <summary>
/// Prepares the database: a new one gets something to order and, in Development, somebody to sign in as; in an old one
/// a new day may have begun.
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

    /// <summary>Fills a new database; leaves another as it is.</summary>
    /// <returns>Whether it was new.</returns>
    public static async Task<bool> FillAsync(
        Database database, bool isDevelopment, CancellationToken cancellationToken)
    {
        if (!database.IsNew)
        {
            return false;
        }

        var hash = isDevelopment ? Password.Hash(DevelopmentAccount.Password) : null;
        // All or nothing: whatever stops it, the next start finds a database that is still to be filled.
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
