namespace Kaffediem.Server.Accounts;

/// <summary>Sessions and who may write.</summary>
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
        services.AddSingleton<SocketSessions>();
        services.AddHostedService(provider => provider.GetRequiredService<SocketSessions>());
        services.AddSingleton<SignedInUser>();
        services.AddSingleton<WriteAccess>();
        services.AddSingleton<SessionApi>();
    }

    public static void UseWriteAccess(this WebApplication app) =>
        app.Use(app.Services.GetRequiredService<WriteAccess>().InvokeAsync);

    public static void UseSignedInUser(this IApplicationBuilder app) =>
        app.Use(app.ApplicationServices.GetRequiredService<SignedInUser>().InvokeAsync);

    public static void MapAccounts(this WebApplication app) => app.Services.GetRequiredService<SessionApi>().Map(app);
}
