using Kaffediem.Persistence;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Server.Images;

namespace Kaffediem.Server.Hosting;

/// <summary>
/// Removes other users' rights to the shop's files at the start. The server creates files without such rights, but
/// files of an earlier version, of Kaffebase or of a copy may have them.
/// </summary>
internal static partial class FileRights
{
    private const int MaxNames = 5;

    /// <summary>
    /// Tightens the files, and logs it in one line. Called after the database was opened: only then is it known to be a
    /// database.
    /// </summary>
    public static void TightenFiles(this WebApplication app)
    {
        try
        {
            Tighten(app);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // This user may not list a folder.
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

    // Only the operator knows which other users need the folder of a database: it may be /srv or a home. The default
    // one was made for the database, and belongs to it as long as nothing else lies in it. "keys" is left of version
    // 0.9.0.
    private static IEnumerable<string> FindFolder(WebApplication app, string databasePath)
    {
        if (databasePath != Path.GetFullPath(Settings.DefaultPath, app.Environment.ContentRootPath))
        {
            return [];
        }

        var folder = Path.GetDirectoryName(databasePath)!; // only a root has none
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
