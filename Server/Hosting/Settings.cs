using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Hosting;

/// <summary>Settings come from the usual sources, else the old back end's names for them, else the defaults.</summary>
internal static class Settings
{
    private const string DefaultUrl = "http://localhost:4000";
    private const string DefaultPath = "data/kaffediem.db";
    private const string DefaultMaxImageBytes = "5242880";
    private const string DevelopmentOrigins = "http://localhost:5173,http://127.0.0.1:5173";

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
        var isDevelopment = builder.Environment.IsDevelopment();
        var settings = new Dictionary<string, string?>();

        var path = configuration["Database:Path"] ?? configuration["DATABASE_PATH"] ?? DefaultPath;
        settings["Database:Path"] = Path.Combine(builder.Environment.ContentRootPath, path);
        settings["Auth:Writes"] = configuration["Auth:Writes"] ?? (isDevelopment ? "Open" : "Protected");
        settings["Images:MaxBytes"] = configuration["Images:MaxBytes"] ?? DefaultMaxImageBytes;
        settings["Menu:CoalesceMs"] = configuration["Menu:CoalesceMs"] ?? "50";
        settings["Orders:TimeZone"] = configuration["Orders:TimeZone"] ?? "UTC";
        settings["Images:PublicUrl"] = configuration["PublicUrl"];
        if (!configuration.GetSection("Cors:Origins:0").Exists())
        {
            var origins = configuration["Cors:Origins"] ?? configuration["PHX_ALLOWED_ORIGINS"]
                ?? (isDevelopment ? DevelopmentOrigins : "");
            settings["Cors:Origins"] = origins;
            foreach (var (index, origin) in Split(origins).Index())
            {
                settings[$"Cors:Origins:{index}"] = origin;
            }
        }

        configuration.AddInMemoryCollection(settings);
        // The slim builder has decided on a formatter, whatever is set.
        builder.Services.Configure<ConsoleLoggerOptions>(configuration.GetSection("Logging:Console"));
        if (!HasAddress(configuration))
        {
            builder.WebHost.UseUrls(DefaultAddress(configuration["PORT"], isDevelopment));
        }

        foreach (var url in configuration["urls"]?.Split(';') ?? [])
        {
            // Kestrel finds out only when the host starts, and the host then logs a stack trace.
            BindingAddress.Parse(url);
        }
    }

    /// <summary>
    /// Reads and checks a section. Here rather than at the host's start, because the database is opened before.
    /// </summary>
    /// <exception cref="OptionsValidationException">A value is of the wrong kind or out of range.</exception>
    public static TOptions Read<TOptions>(
        this IConfiguration configuration, string section, IValidateOptions<TOptions> validator)
        where TOptions : class
    {
        var options = Bind<TOptions>(configuration.GetSection(section));
        var validation = validator.Validate(section, options);
        return validation.Succeeded
            ? options
            : throw new OptionsValidationException(section, typeof(TOptions), validation.Failures ?? []);
    }

    private static TOptions Bind<TOptions>(IConfigurationSection section)
    {
        try
        {
            // Never null: AddDefaults has put something into every section.
            return section.Get<TOptions>()!;
        }
        catch (InvalidOperationException exception)
        {
            // "Failed to convert configuration value 'x' at 'Auth:Writes' to type …"
            throw new OptionsValidationException(section.Key, typeof(TOptions), [exception.Message]);
        }
    }

    private static string[] Split(string list) =>
        list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool HasAddress(ConfigurationManager configuration) =>
        configuration["urls"] is not null
        || configuration["http_ports"] is not null
        || configuration["https_ports"] is not null
        || configuration.GetSection("Kestrel:Endpoints").Exists();

    private static string DefaultAddress(string? port, bool isDevelopment) =>
        port is null ? DefaultUrl : isDevelopment ? $"http://localhost:{port}" : $"http://*:{port}";
}
