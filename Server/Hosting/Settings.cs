using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Hosting;

/// <summary>
/// Reads the settings: from ASP.NET Core's sources, under our names or Kaffebase's, and otherwise from the defaults.
/// </summary>
internal static class Settings
{
    /// <summary>The default path of the database, relative to the folder that the server is started in.</summary>
    public const string DefaultPath = "data/kaffediem.db";

    /// <summary>Fills in what is not set.</summary>
    public static void AddDefaults(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;

        // A published server may be started in any folder, so the file beside the program is read, too, before all
        // others.
        configuration.Sources.Insert(0, new JsonConfigurationSource
        {
            FileProvider = new PhysicalFileProvider(AppContext.BaseDirectory),
            Path = "appsettings.json",
            Optional = true,
        });
        // With TLS, Kestrel would speak HTTP/2 as well: a hundred requests at once on each connection, which a client
        // can cancel at no cost (CVE-2023-44487), and unlimited answers to pings. A proxy in front may speak it.
        configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = [KeyValuePair.Create<string, string?>("Kestrel:EndpointDefaults:Protocols", "Http1")],
        });
        // Every section gets at least one value, so that all of them can be read.
        var settings = KnownSettings.All
            .Where(setting => setting is { Property: not null, IsList: false })
            .ToDictionary(
                setting => setting.Key,
                setting => Find(configuration, setting) ?? DefaultOf(setting, builder.Environment));
        // Not null: it has a default.
        settings["Database:Path"] = Path.Combine(builder.Environment.ContentRootPath, settings["Database:Path"]!);
        if (!configuration.GetSection("Cors:Origins:0").Exists())
        {
            var origins = configuration["Cors:Origins"] ?? configuration["PHX_ALLOWED_ORIGINS"]
                ?? DefaultOf(KnownSettings.Origins, builder.Environment) ?? "";
            settings["Cors:Origins"] = origins;
            foreach (var (index, origin) in Split(origins).Index())
            {
                settings[$"Cors:Origins:{index}"] = origin;
            }
        }

        configuration.AddInMemoryCollection(settings);
        // The slim builder has chosen a formatter without regard to the settings.
        builder.Services.Configure<ConsoleLoggerOptions>(configuration.GetSection("Logging:Console"));
        builder.AddAddress();
        LogSettings.Check(configuration);
    }

    /// <summary>
    /// Reads and checks a section. This is done before the host starts, because the database is opened before it.
    /// </summary>
    /// <exception cref="OptionsValidationException">A value is of the wrong kind or out of range.</exception>
    public static TOptions Read<TOptions>(this IConfiguration configuration, IValidateOptions<TOptions> validator)
        where TOptions : class
    {
        var section = KnownSettings.Sections.Single(section => section.Value == typeof(TOptions)).Key;
        try
        {
            // Never null: AddDefaults has put a value into every section.
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
        { DevelopmentDefault: { } development } when environment.IsDevelopment() => development,
        { Default: "" } => null,
        _ => setting.Default,
    };

    private static string[] Split(string list) =>
        list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
