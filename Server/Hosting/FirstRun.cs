using Kaffediem.Persistence;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Persistence.Orders;
using Kaffediem.Server.Accounts;

namespace Kaffediem.Server.Hosting;

/// <summary>
/// Prepares the database: a new one gets something to order and, in Development, somebody to sign in as; in an old one a
/// new day may have begun.
/// </summary>
internal static class FirstRun
{
    public const string DeveloperEmail = "admin@kaffediem.test";
    public const string DeveloperPassword = "kaffediem";

    public static async Task PrepareDatabaseAsync(this WebApplication app, CancellationToken cancellationToken)
    {
        var database = app.Services.GetRequiredService<Database>();
        var users = app.Services.GetRequiredService<UserStore>();
        if (!await FillAsync(database, users, app.Environment.IsDevelopment(), cancellationToken))
        {
            await DemoMenu.SeedContentAsync(database, cancellationToken);
        }

        await app.Services.GetRequiredService<OrderStore>().BeginDayAsync(cancellationToken);
    }

    /// <summary>Fills a new database; leaves another as it is.</summary>
    /// <returns>Whether it was new.</returns>
    public static async Task<bool> FillAsync(
        Database database, UserStore users, bool isDevelopment, CancellationToken cancellationToken)
    {
        if (!database.IsNew)
        {
            return false;
        }

        await DemoMenu.SeedAsync(database, cancellationToken);
        if (isDevelopment)
        {
            var hash = Password.Hash(DeveloperPassword);
            await users.CreateAsync(DeveloperEmail, "Kaffediem", hash, isAdmin: true, cancellationToken);
        }

        return true;
    }
}
