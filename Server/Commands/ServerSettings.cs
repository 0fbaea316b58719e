using Kaffediem.Persistence;
using Kaffediem.Server.Hosting;

namespace Kaffediem.Server.Commands;

/// <summary>The server's settings among the words of a command.</summary>
internal static class ServerSettings
{
    // Those that decide on the database. Any with a colon is taken for one.
    private static readonly string[] Names = ["--DATABASE_PATH", "--environment", "--contentRoot"];

    /// <summary>Whether an option, such as <c>--Database:Path</c>, is a setting.</summary>
    public static bool IsOne(string option) =>
        option.Contains(':') || Names.Contains(option, StringComparer.OrdinalIgnoreCase);

    /// <summary>The value behind an option's equals sign, or else the next word; <c>null</c> if that is an option, too.</summary>
    public static string? TakeValue(string? value, Queue<string> rest) =>
        value is null && rest.TryPeek(out var next) && !next.StartsWith('-') ? rest.Dequeue() : value;

    /// <summary>Which database a server with these settings would open.</summary>
    public static DatabaseOptions ReadDatabase(IEnumerable<string> settings)
    {
        // Never built, so nothing of it starts.
        var builder = WebApplication.CreateBuilder([.. settings]);
        builder.AddDefaults();
        return builder.Configuration.Read("Database", new DatabaseOptionsValidator());
    }
}
