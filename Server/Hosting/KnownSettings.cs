using System.Reflection;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Server.Accounts;
using Kaffediem.Server.Admission;
using Kaffediem.Server.Images;
using Kaffediem.Server.Orders;
using Kaffediem.Server.Pipeline;
using Kaffediem.Server.Realtime;

namespace Kaffediem.Server.Hosting;

/// <summary>
/// The one list of settings. A property that is added to one of the sections' classes is a setting at once: it has its
/// default, is accepted on the command line and printed by <c>--help</c>.
/// </summary>
internal static class KnownSettings
{
    /// <summary>The sections, and the classes they are read into.</summary>
    public static readonly IReadOnlyDictionary<string, Type> Sections = new Dictionary<string, Type>
    {
        ["Database"] = typeof(DatabaseOptions),
        ["Reads"] = typeof(ReadOptions),
        ["Images"] = typeof(ImageOptions),
        ["Orders"] = typeof(OrderOptions),
        ["Menu"] = typeof(MenuOptions),
        ["Quota"] = typeof(QuotaOptions),
        ["Presence"] = typeof(PresenceOptions),
        ["Cors"] = typeof(CrossOriginOptions),
        ["Auth"] = typeof(AuthOptions),
    };

    // The prefixes of the environment variables that ASP.NET Core reads, besides those without a prefix.
    private static readonly string[] Prefixes = ["ASPNETCORE_", "DOTNET_"];

    /// <summary>The environments of ASP.NET Core.</summary>
    public static readonly string[] Environments =
        [Microsoft.Extensions.Hosting.Environments.Development,
         Microsoft.Extensions.Hosting.Environments.Staging,
         Microsoft.Extensions.Hosting.Environments.Production];

    /// <summary>All settings but the framework's.</summary>
    public static readonly IReadOnlyList<Setting> All =
    [
        new("urls", Addresses.Default, "the addresses to listen on, semicolon separated") { OldName = "PORT" },
        .. Sections.SelectMany(section => SettingsOf(section.Key, section.Value)),
        new("Proxies", "", "the reverse proxies in front, whose X-Forwarded-* headers are believed") { IsList = true },
        new("ProxyHops", "", "how many of the proxies every request comes through; needed where Proxies has a network"),
        new("environment", "Production", "Development, Staging or Production; also ASPNETCORE_ENVIRONMENT"),
    ];

    // Names of ASP.NET Core: WebHostDefaults, HostDefaults, and what its default sources read.
    private static readonly string[] FrameworkNames =
    [
        WebHostDefaults.ApplicationKey, WebHostDefaults.ContentRootKey, WebHostDefaults.WebRootKey,
        WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey, "https_port",
        WebHostDefaults.PreferHostingUrlsKey, WebHostDefaults.ShutdownTimeoutKey, WebHostDefaults.StartupAssemblyKey,
        WebHostDefaults.DetailedErrorsKey, WebHostDefaults.CaptureStartupErrorsKey,
        WebHostDefaults.SuppressStatusMessagesKey, WebHostDefaults.PreventHostingStartupKey,
        WebHostDefaults.HostingStartupAssembliesKey, WebHostDefaults.HostingStartupExcludeAssembliesKey,
        "AllowedHosts", "ForwardedHeaders_Enabled", "hostBuilder:reloadConfigOnChange",
    ];

    private static readonly string[] FrameworkSections = ["Kestrel", "Logging"];

    /// <summary>The names of the sections that are read, the framework's included.</summary>
    public static IEnumerable<string> SectionNames => Sections.Keys.Concat(FrameworkSections);

    /// <summary>All names by which something can be set, but those below the framework's sections.</summary>
    public static IEnumerable<string> Names =>
        All.SelectMany(setting => new[] { setting.Name, setting.OldName }).OfType<string>().Concat(FrameworkNames);

    /// <summary>Whether the configuration's key means anything to the server or to the framework.</summary>
    public static bool Contains(string key) =>
        All.Any(setting => setting.IsSetBy(key))
        || FrameworkNames.Contains(key, StringComparer.OrdinalIgnoreCase)
        || FrameworkSections.Contains(key.Split(':')[0], StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The name that an unknown key was probably meant to be. The key may lack its section, name another one, or have
    /// the prefix of an environment variable.
    /// </summary>
    public static string? Nearest(string key)
    {
        var name = key[(PrefixOf(key)?.Length ?? 0)..].Replace("__", ":", StringComparison.Ordinal);
        return Spelling.Nearest(name, Names)
            ?? (Spelling.Nearest(name.Split(':')[^1], All.Select(MemberOf)) is { } member
                ? All.First(setting => MemberOf(setting) == member).Name
                : null);
    }

    /// <summary>With which of the prefixes a name begins; <c>null</c>: with none.</summary>
    public static string? PrefixOf(string name) =>
        Array.Find(Prefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<Setting> SettingsOf(string section, Type options)
    {
        var defaults = Activator.CreateInstance(options)!;
        return options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is not null)
            .Select(property => Setting.Of(section, property, defaults))
            .Select(setting => setting.Key switch
            {
                "Database:Path" => setting with { Default = Settings.DefaultPath, OldName = "DATABASE_PATH" },
                "Auth:Writes" => setting with { Default = "Open in Development, else Protected" },
                "Cors:Origins" => setting with
                {
                    Default = $"{Settings.DevelopmentOrigins} in Development, else none",
                    OldName = "PHX_ALLOWED_ORIGINS",
                },
                "Images:PublicUrl" => setting with { Name = "PublicUrl" },
                _ => setting,
            });
    }

    private static string MemberOf(Setting setting) => setting.Name.Split(':')[^1];
}
