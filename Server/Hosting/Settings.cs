using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Hosting;

/// <summary>Settings come from the usual sources, else the old back end's names for them, else the defaults.</summary>
internal static class Settings
{
    /// <summary>Where the database is, from the folder the server is started in.</summary>
    public const string DefaultPath = "data/kaffediem.db";

    /// <summary>The development front end, which is allowed in Development only.</summary>
    public const string DevelopmentOrigins = "http://localhost:5173,http://127.0.0.1:5173";

    /// <summary>Fills in what is not set.</summary>
    public static void AddDefaults(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;

        // A published server is started from anywhere: what lies beside the program counts, if least.
        configuration.Sources.Insert(0, new JsonConfigurationSource
        {
            FileProvider = new PhysicalFileProvider(AppContext.BaseDirectory),
            Path = "appsettings.json",
            Optional = true,
        });
        // With TLS, Kestrel would speak HTTP/2 as well: a hundred requests at once on each connection, which a client
        // takes back at no cost (CVE-2023-44487), and answers to pings without end. A proxy in front may speak it.
        configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = [KeyValuePair.Create<string, string?>("Kestrel:EndpointDefaults:Protocols", "Http1")],
        });
        // Every section gets something, so that all of them can be read.
        var settings = KnownSettings.All
            .Where(setting => setting is { Property: not null, IsList: false })
            .ToDictionary(
                setting => setting.Key,
                setting => Find(configuration, setting) ?? DefaultOf(setting, builder.Environment));
        settings["Database:Path"] = Path.Combine(builder.Environment.ContentRootPath, settings["Database:Path"]!);
        if (!configuration.GetSection("Cors:Origins:0").Exists())
        {
            var origins = configuration["Cors:Origins"] ?? configuration["PHX_ALLOWED_ORIGINS"]
                ?? (builder.Environment.IsDevelopment() ? DevelopmentOrigins : "");
            settings["Cors:Origins"] = origins;
            foreach (var (index, origin) in Split(origins).Index())
            {
                settings[$"Cors:Origins:{index}"] = origin;
            }
        }

        configuration.AddInMemoryCollection(settings);
        // The slim builder has decided on a formatter, whatever is set.
        builder.Services.Configure<ConsoleLoggerOptions>(configuration.GetSection("Logging:Console"));
        builder.AddAddress();
        LogSettings.Check(configuration);
    }

    /// <summary>
    /// Reads and checks a section. Here rather than at the host's start, because the database is opened before.
    /// </summary>
    /// <exception cref="OptionsValidationException">A value is of the wrong kind or out of range.</exception>
    public static TOptions Read<TOptions>(this IConfiguration configuration, IValidateOptions<TOptions> validator)
        where TOptions : class
    {
        var section = KnownSettings.Sections.Single(section => section.Value == typeof(TOptions)).Key;
        try
        {
            // Never null: AddDefaults has put something into every section.
            var options = configuration.GetSection(section).Get<TOptions>()!;
            var validation = validator.Validate(section, options);
            return validation.Succeeded
                ? options
                : throw Refuse<TOptions>(configuration, section, validation.Failures ?? []);
        }
        catch (InvalidOperationException exception)
        {
            // "Failed to convert configuration value 'x' at 'Auth:Writes' to type …"
            throw Refuse<TOptions>(configuration, section, [exception.Message]);
        }
    }

    // The framework's messages count only where SettingValue has none.
    private static OptionsValidationException Refuse<TOptions>(
        IConfiguration configuration, string section, IEnumerable<string> failures)
    {
        var refusals = KnownSettings.All
            .Where(setting => setting.Key.StartsWith($"{section}:", StringComparison.Ordinal))
            .Select(setting => SettingValue.Refuse(setting, configuration[setting.Key])).OfType<string>().ToArray();
        return new OptionsValidationException(section, typeof(TOptions), refusals.Length > 0 ? refusals : failures);
    }

    // An empty value means the default: operators clear a variable this way.
    private static string? Find(ConfigurationManager configuration, Setting setting) =>
        new[] { setting.Name, setting.Key, setting.OldName }.OfType<string>().Select(name => configuration[name])
            .FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));

    private static string? DefaultOf(Setting setting, IHostEnvironment environment) => setting switch
    {
        { Key: "Auth:Writes" } => environment.IsDevelopment() ? "Open" : "Protected",
        { Key: "Phoenix:LogExceptionMessages" } => environment.IsDevelopment() ? "true" : "false",
        { Default: "" } => null,
        _ => setting.Default,
    };

    private static string[] Split(string list) =>
        list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
