using Kaffediem.Server.Background;
using Kaffediem.Server.Identity;

namespace Kaffediem.Server.Accounts;

/// <summary>Sessions, and the right to write.</summary>
internal static class AccountExtensions
{
    public static void AddAccounts(this IServiceCollection services, AuthOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(_ => new PasswordVerifier(Password.Matches));
        services.AddSingleton<SignInLimiter>();
        services.AddSingleton<DevelopmentAccount>();
        services.AddSingleton<DeveloperSignIn>();
        services.AddSingleton<UnwrittenSessions>();
        services.AddSingleton<KnownDevices>();
        services.AddSingleton<CookieSession>();
        services.AddSingleton(provider => new Callers(provider.GetRequiredService<CookieSession>().FindUserAsync));
        services.AddPeriodicWork<SignedInSockets>();
        services.AddSingleton<WriteAccess>();
        services.AddSingleton<SessionApi>();
    }

    public static void UseWriteAccess(this WebApplication app) =>
        app.Use(app.Services.GetRequiredService<WriteAccess>().InvokeAsync);

    /// <summary>
    /// Has <see cref="HttpContext.User"/> set from here on; elsewhere <see cref="Callers"/> is asked.
    /// </summary>
    public static void UseCaller(this IApplicationBuilder app)
    {
        var callers = app.ApplicationServices.GetRequiredService<Callers>();
        app.Use(async (context, next) =>
        {
            await callers.FindAsync(context);
            await next(context);
        });
    }

    public static void MapAccounts(this WebApplication app) => app.Services.GetRequiredService<SessionApi>().Map(app);
}
