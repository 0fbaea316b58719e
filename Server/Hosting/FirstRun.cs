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
        if (database.IsNew)
        {
            await FillAsync(app, database, cancellationToken);
        }

        await app.Services.GetRequiredService<OrderStore>().BeginDayAsync(cancellationToken);
    }

    private static async Task FillAsync(WebApplication app, Database database, CancellationToken cancellationToken)
    {
        await DemoMenu.SeedAsync(database, cancellationToken);
        if (app.Environment.IsDevelopment())
        {
            var hash = BCrypt.Net.BCrypt.HashPassword(DeveloperPassword, PasswordVerifier.Cost);
            var users = app.Services.GetRequiredService<UserStore>();
            await users.CreateAsync(DeveloperEmail, "Kaffediem", hash, isAdmin: true, cancellationToken);
        }
    }
}
