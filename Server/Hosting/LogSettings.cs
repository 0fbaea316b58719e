using Microsoft.Extensions.Logging.Console;

namespace Kaffediem.Server.Hosting;

/// <summary>
/// Checks the log's settings: the framework's errors do not name them, and it ignores an unknown format.
/// </summary>
internal static class LogSettings
{
    private static readonly string[] Formatters =
        [ConsoleFormatterNames.Simple, ConsoleFormatterNames.Json, ConsoleFormatterNames.Systemd];

    /// <exception cref="StartException">A level or a format is unknown.</exception>
    public static void Check(IConfiguration configuration)
    {
        foreach (var (key, value) in configuration.GetSection("Logging").AsEnumerable())
        {
            if (!string.IsNullOrEmpty(value) && Refuse(key, value) is { } expected)
            {
                throw new StartException($"{key} must be {expected}, not '{value}'.");
            }
        }
    }

    private static string? Refuse(string key, string value) =>
        key.Contains(":LogLevel:", StringComparison.OrdinalIgnoreCase)
            ? Enum.TryParse<LogLevel>(value, ignoreCase: true, out _) ? null : List(Enum.GetNames<LogLevel>())
            : key.Equals("Logging:Console:FormatterName", StringComparison.OrdinalIgnoreCase)
                ? Formatters.Contains(value, StringComparer.OrdinalIgnoreCase) ? null : List(Formatters)
            : null;

    private static string List(string[] names) => $"{string.Join(", ", names[..^1])} or {names[^1]}";
}
