using Kaffediem.Persistence.Sqlite;
using Kaffediem.Server.Hosting;

namespace Kaffediem.Server.Commands;

/// <summary>The server's settings among the words of a command.</summary>
internal static class ServerSettings
{
    /// <summary>Whether an option, such as <c>--Database:Path</c>, is a setting.</summary>
    public static bool IsOne(string option) =>
        option.StartsWith("--", StringComparison.Ordinal) && KnownSettings.Contains(option[2..]);

    /// <summary>Refuses an option, and names the one that was probably meant.</summary>
    /// <param name="option">As it was written.</param>
    /// <param name="others">The options beside the settings that would have been understood.</param>
    public static string RefuseUnknown(string option, params string[] others)
    {
        var nearest = Spelling.Nearest(option, others)
            ?? (KnownSettings.Nearest(option.TrimStart('-', '/')) is { } setting ? $"--{setting}" : null);
        return $"The option {option} is unknown.{(nearest is null ? " --help lists all." : Spelling.Suggest(nearest))}";
    }

    /// <summary>The value after an option's equals sign, otherwise the next word unless it is an option, too.</summary>
    public static string? TakeValue(string? value, Queue<string> rest) =>
        value is null && rest.TryPeek(out var next) && !next.StartsWith('-') ? rest.Dequeue() : value;

    /// <summary>Which database a server with these settings would open, and whether in Development.</summary>
    /// <param name="settings">From the command line.</param>
    /// <param name="error">Where settings that have no effect are warned of.</param>
    public static (DatabaseOptions Database, bool IsDevelopment) Read(IEnumerable<string> settings, TextWriter error)
    {
        // Never built, so nothing of it starts.
        var builder = WebApplication.CreateBuilder([.. settings]);
        builder.AddDefaults();
        foreach (var warning in UnknownSettings.Find(builder.Environment, builder.Configuration))
        {
            error.WriteLine($"Warning: {warning}");
        }

        return (builder.Configuration.Read(new DatabaseOptionsValidator()), builder.Environment.IsDevelopment());
    }
}
