using Kaffediem.Persistence;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Server.Accounts;

namespace Kaffediem.Server.Hosting;

/// <summary>Fills a new database: something to order and, in Development, somebody to sign in as.</summary>
internal static class FirstRun
{
    public const string DeveloperEmail = "admin@kaffediem.test";
    public const string DeveloperPassword = "kaffediem";

    public static Task PrepareDatabaseAsync(this WebApplication app, CancellationToken cancellationToken) =>
        PrepareAsync(
            app.Services.GetRequiredService<Database>(),
            app.Services.GetRequiredService<UserStore>(),
            app.Environment.IsDevelopment(),
            cancellationToken);

    /// <returns>Whether the database was new, and so has been filled.</returns>
    public static async Task<bool> PrepareAsync(
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
