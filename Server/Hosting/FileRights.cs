using Kaffediem.Persistence;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Server.Images;

namespace Kaffediem.Server.Hosting;

/// <summary>
/// Takes the other users' rights to the shop's files away at the start. Files that are made later have none from the
/// beginning; those of an earlier version, of Kaffebase or of a copy may.
/// </summary>
internal static partial class FileRights
{
    private const int MaxNames = 5;

    /// <summary>
    /// Tightens the files, and says so in one line. After the database is opened: only then is it known to be one.
    /// </summary>
    public static void TightenFiles(this WebApplication app)
    {
        try
        {
            Tighten(app);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A folder that this user may not list.
            Log.Impossible(app.Logger, exception.Message);
        }
    }

    private static void Tighten(WebApplication app)
    {
        var results = FindOurs(app)
            .Select(path => (Path: path, Result: PrivateFiles.Tighten(path)))
            .ToLookup(file => file.Result, file => file.Path);
        if (results.Contains(Tightening.Done))
        {
            Log.Tightened(app.Logger, Name(results[Tightening.Done]));
        }

        if (results.Contains(Tightening.Impossible))
        {
            Log.Impossible(app.Logger, Name(results[Tightening.Impossible]));
        }
    }

    private static IEnumerable<string> FindOurs(WebApplication app)
    {
        var database = app.Services.GetRequiredService<Database>();
        return
        [
            .. FindFolder(app, database.Path),
            .. database.ListFiles(),
            .. app.Services.GetRequiredService<ImageStore>().ListPaths(),
        ];
    }

    // Nobody but the operator knows who else needs the folder of a database: it may be /srv or a home. The default one
    // was made for the database, and is ours as long as nothing else lies in it. Version 0.9.0 made a folder "keys".
    private static IEnumerable<string> FindFolder(WebApplication app, string databasePath)
    {
        if (databasePath != Path.GetFullPath(Settings.DefaultPath, app.Environment.ContentRootPath))
        {
            return [];
        }

        var folder = Path.GetDirectoryName(databasePath)!;
        var names = Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path));
        var own = Path.GetFileName(databasePath);
        return names.All(name => name == "keys" || name.StartsWith(own, StringComparison.Ordinal)) ? [folder] : [];
    }

    private static string Name(IEnumerable<string> paths)
    {
        var all = paths.ToList();
        var rest = all.Count > MaxNames ? $" and {all.Count - MaxNames} more" : "";
        return string.Join(", ", all.Take(MaxNames)) + rest;
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Information,
            "Other users of this machine could read these files; now only their owner can: {Paths}")]
        public static partial void Tightened(ILogger logger, string paths);

        [LoggerMessage(
            LogLevel.Warning,
            "Other users of this machine can read these files, and this user may not change that: {Paths}")]
        public static partial void Impossible(ILogger logger, string paths);
    }
}
