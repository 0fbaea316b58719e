using Kaffediem.Persistence;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Server.Accounts;
using Kaffediem.Server.Pipeline;

namespace Kaffediem.Server.Hosting;

/// <summary>
/// What the operator needs to know at start-up: the version, settings without effect, where the server listens, where
/// the data is, how to sign in.
/// </summary>
internal static partial class StartReport
{
    /// <summary>
    /// Logs the version and the environment, and warns of settings that are dangerous or have no effect.
    /// </summary>
    public static void ReportVersion(this WebApplication app)
    {
        Log.Starting(app.Logger, ProgramVersion.Text, app.Environment.EnvironmentName);
        var warnings = UnknownSettings.Find(app.Environment, app.Configuration)
            .Concat(Proxies.FindWarnings(app.Configuration));
        foreach (var warning in warnings)
        {
            Log.DoubtfulSetting(app.Logger, warning);
        }
    }

    /// <summary>
    /// Logs where the server listens and what it serves. Called when it listens already, because the report takes time.
    /// </summary>
    public static async Task ReportStartAsync(this WebApplication app, CancellationToken cancellationToken)
    {
        var database = app.Services.GetRequiredService<Database>();
        var users = app.Services.GetRequiredService<UserStore>();
        var items = await database.ReadAsync(ItemStore.Count, cancellationToken);
        var userCount = await users.CountAsync(cancellationToken);
        var hasAdministrator = await users.HasAdministratorAsync(cancellationToken);

        var addresses = string.Join(", ", app.Urls);
        var age = database.IsNew ? "new" : "existing";
        var signIn = HowToSignIn(app.Environment.IsDevelopment(), database.IsNew, hasAdministrator);
        var frontEnds = WhichFrontEnds(app.Services.GetRequiredService<CrossOriginOptions>().Origins);
        Log.Listening(app.Logger, addresses);
        Log.Data(app.Logger, database.Path, age, items, userCount, database.LastSeq);
        Log.FrontEnds(app.Logger, frontEnds);
        Log.SignIn(app.Logger, signIn);
        await app.Services.GetRequiredService<DevelopmentAccount>().EndSessionsAsync(cancellationToken);
        if (app.Configuration.GetValue("ForwardedHeaders_Enabled", "") is "true")
        {
            Log.ForwardedHeadersIgnored(app.Logger);
        }
    }

    /// <summary>
    /// Logs that the server has stopped in an orderly way: a log without this line ends in a crash or a kill.
    /// </summary>
    public static void ReportStop(this WebApplication app) => Log.Stopped(app.Logger);

    private static string WhichFrontEnds(string[] origins) => origins.Length == 0
        ? "pages of the server's own address only; add others to the setting Cors:Origins"
        : $"pages of the server's own address and of {string.Join(", ", origins)}";

    private static string HowToSignIn(bool isDevelopment, bool isNew, bool hasAdministrator) => hasAdministrator switch
    {
        false => "there is no administrator in this database yet, so nobody can sign in to change anything; "
            + "make one with \"Kaffediem.Server user add <e-mail> --admin\", while this server runs",
        _ when isDevelopment && isNew =>
            $"automatic on this machine; elsewhere as {DevelopmentAccount.Email} / {DevelopmentAccount.Password}",
        _ when isDevelopment => "automatic on this machine, as the first administrator",
        _ => "with an administrator's e-mail address and password",
    };

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Kaffediem {Version} starts in {Environment}")]
        public static partial void Starting(ILogger logger, string version, string environment);

        [LoggerMessage(LogLevel.Warning, "{Warning}")]
        public static partial void DoubtfulSetting(ILogger logger, string warning);

        [LoggerMessage(LogLevel.Information, "Kaffediem listens on {Addresses}")]
        public static partial void Listening(ILogger logger, string addresses);

        [LoggerMessage(
            LogLevel.Information,
            "Data: {Path} ({Age}; items on the menu: {Items}, users: {Users}, changes logged: {Changes})")]
        public static partial void Data(ILogger logger, string path, string age, long items, long users, long changes);

        [LoggerMessage(LogLevel.Information, "Kaffediem has stopped.")]
        public static partial void Stopped(ILogger logger);

        [LoggerMessage(LogLevel.Information, "Front ends: {Which}")]
        public static partial void FrontEnds(ILogger logger, string which);

        [LoggerMessage(LogLevel.Information, "Signing in: {How}")]
        public static partial void SignIn(ILogger logger, string how);

        [LoggerMessage(
            LogLevel.Warning,
            "ASPNETCORE_FORWARDEDHEADERS_ENABLED believes everybody and is ignored: set Proxies")]
        public static partial void ForwardedHeadersIgnored(ILogger logger);
    }
}
