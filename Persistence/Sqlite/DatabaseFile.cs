using Kaffediem.Persistence.Log;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>An opened database file, of this version's schema.</summary>
/// <param name="Path">The full path.</param>
/// <param name="Connection">The write connection.</param>
/// <param name="IsNew"><inheritdoc cref="Database.IsNew" path="/summary/node()"/></param>
internal sealed partial record DatabaseFile(string Path, SqliteConnection Connection, bool IsNew) : IDisposable
{
    /// <inheritdoc cref="Database.Open"/>
    /// <param name="options">Where the file is and how it is used.</param>
    /// <param name="isServer">Whether a server opens it; otherwise a command, beside a server.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Logs what is done to the file.</param>
    public static DatabaseFile Open(DatabaseOptions options, bool isServer, TimeProvider time, ILogger logger)
    {
        var path = System.IO.Path.GetFullPath(options.Path);
        return SqliteFault.Explain(path, () =>
        {
            var isNew = false;
            var connection = SqliteSettings.Connect(path, SqliteOpenMode.ReadWriteCreate, opened =>
            {
                isNew = Prepare(opened, path, options, time, logger);
                if (isServer)
                {
                    FollowMark(opened, options, logger);
                }
            });
            return new DatabaseFile(path, connection, isNew);
        });
    }

    /// <exception cref="DatabaseException">The file is of an older version of this program.</exception>
    public static void RefuseIfBehind(DatabaseOptions options)
    {
        var path = System.IO.Path.GetFullPath(options.Path);
        if (!File.Exists(path))
        {
            return;
        }

        var isBehind = SqliteFault.Explain(path, () =>
        {
            using var connection = SqliteSettings.Connect(path, SqliteOpenMode.ReadWrite);
            return Migrator.IsBehind(connection);
        });
        if (isBehind)
        {
            throw new DatabaseException(
                $"{path} is of an older Kaffediem: start the server of this version on it once, which updates it.");
        }
    }

    /// <summary>Makes the database's folder, if its parent exists.</summary>
    /// <exception cref="DatabaseException">The folder cannot be made.</exception>
    public static void MakeFolder(DatabaseOptions options)
    {
        var path = System.IO.Path.GetFullPath(options.Path);
        if (Directory.GetParent(path) is not { } folder)
        {
            throw new DatabaseException($"{path} is not a file.");
        }

        // A new shop needs one folder, "data". Several missing ones are more likely a mistyped path.
        if (folder is { Exists: false, Parent.Exists: false })
        {
            throw new DatabaseException($"The folder {folder.Parent} for the database {path} does not exist.");
        }

        try
        {
            PrivateFiles.CreateFolder(folder.FullName);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseException($"The folder {folder} for the database cannot be made.", exception);
        }
    }

    /// <summary>
    /// Makes an empty file that only its owner can read, if none exists. An existing file may not be ours to touch.
    /// </summary>
    public static void CreateIfMissing(DatabaseOptions options)
    {
        var path = DatabaseLock.ResolveLink(options.Path);
        try
        {
            if (!File.Exists(path))
            {
                PrivateFiles.EnsureFile(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // SQLite will fail in the same way, and its error gives the reason.
        }
    }

    /// <inheritdoc cref="Database.ListFiles"/>
    public static IReadOnlyList<string> ListAll(string database)
    {
        var file = new FileInfo(DatabaseLock.ResolveLink(database));
        string[] beside = ["", "-wal", "-shm", "-journal", "-lock"];
        return
        [
            .. beside.Select(suffix => file.FullName + suffix).Where(File.Exists),
            .. Directory.EnumerateFiles(file.DirectoryName ?? "", file.Name + ".before-restore-*"),
            .. Directory.EnumerateFiles(file.DirectoryName ?? "", file.Name + ".restore.*partial*"),
        ];
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => Connection.Dispose();

    /// <returns>Whether the file is new.</returns>
    private static bool Prepare(
        SqliteConnection connection, string path, DatabaseOptions options, TimeProvider time, ILogger logger)
    {
        var isNew = Migrator.IsEmpty(connection);
        if (!isNew)
        {
            // First: a foreign file must not be touched, not even by a setting.
            Migrator.Check(connection, path);
        }

        SqliteSettings.ApplyToWriter(connection, options);
        Migrator.Apply(connection, time.GetUtcNow(), migration => Log.Migrating(logger, migration));

        if (ForeignWrites.Exist(connection))
        {
            ChangeLog.BeginEpoch(connection);
            Log.WrittenByOthers(logger);
        }

        return isNew || Migrator.IsUnfilled(connection);
    }

    // Only for the server, before it sends any client a seq. Commands beside it send none and keep none.
    private static void FollowMark(SqliteConnection connection, DatabaseOptions options, ILogger logger)
    {
        var wasUnsynced = UnsyncedMark.IsSet(connection);
        if (wasUnsynced)
        {
            // A power cut may have lost commits that clients have seen: their seqs would be used again.
            ChangeLog.BeginEpoch(connection);
            Log.LeftOpen(logger);
        }

        if (wasUnsynced || !options.FullSync)
        {
            UnsyncedMark.Write(connection, options);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Applying the migration {Migration}.")]
        public static partial void Migrating(ILogger logger, string migration);

        [LoggerMessage(
            LogLevel.Information,
            "The database was not closed, and FullSync was off: commits may be lost. Clients that reconnect load "
                + "everything again.")]
        public static partial void LeftOpen(ILogger logger);

        [LoggerMessage(
            LogLevel.Information,
            "Another program has written to the database: clients that reconnect load everything again.")]
        public static partial void WrittenByOthers(ILogger logger);
    }
}
