using Kaffediem.Persistence.Log;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>The file as it is opened: it is one of ours, and of this version's schema.</summary>
/// <param name="Path">The full path.</param>
/// <param name="Connection">The one to write through.</param>
/// <param name="IsNew">Whether nothing has ever been put in the file.</param>
internal sealed partial record DatabaseFile(string Path, SqliteConnection Connection, bool IsNew)
{
    /// <inheritdoc cref="Database.Open"/>
    /// <param name="options">Where it is and how it is used.</param>
    /// <param name="isServer">Whether it is opened to be served; else beside a server.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to tell what is done to it.</param>
    public static DatabaseFile Open(DatabaseOptions options, bool isServer, TimeProvider time, ILogger logger)
    {
        var path = System.IO.Path.GetFullPath(options.Path);
        try
        {
            var connection = SqliteSettings.Connect(path, SqliteOpenMode.ReadWriteCreate);
            try
            {
                var isNew = Prepare(connection, path, options, time, logger);
                if (isServer)
                {
                    FollowMark(connection, options, logger);
                }

                return new DatabaseFile(path, connection, isNew);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
        catch (SqliteException exception)
        {
            throw new DatabaseException(DatabaseFault.Describe(exception, path), exception);
        }
    }

    /// <exception cref="DatabaseException">The file is of an older version of this program.</exception>
    public static void RefuseIfBehind(DatabaseOptions options)
    {
        var path = System.IO.Path.GetFullPath(options.Path);
        if (!File.Exists(path))
        {
            return;
        }

        try
        {
            using var connection = SqliteSettings.Connect(path, SqliteOpenMode.ReadWrite);
            if (Migrator.IsBehind(connection))
            {
                throw new DatabaseException(
                    $"{path} is of an older Kaffediem: start the server of this version on it once, which updates it.");
            }
        }
        catch (SqliteException exception)
        {
            throw new DatabaseException(DatabaseFault.Describe(exception, path), exception);
        }
    }

    /// <summary>Makes the folder a database belongs in, if the one above exists.</summary>
    /// <exception cref="DatabaseException">It cannot be made.</exception>
    public static void MakeFolder(DatabaseOptions options)
    {
        var path = System.IO.Path.GetFullPath(options.Path);
        if (Directory.GetParent(path) is not { } folder)
        {
            throw new DatabaseException($"{path} is not a file.");
        }

        // One folder, "data", is made for a new shop. Several missing ones are more likely a mistyped path.
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
    /// Makes an empty file that only its owner can read, if there is none. An existing one may not be ours.
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
            // SQLite fails in the same way and gives the reason.
        }
    }

    /// <returns>Whether the file is new.</returns>
    private static bool Prepare(
        SqliteConnection connection, string path, DatabaseOptions options, TimeProvider time, ILogger logger)
    {
        var isNew = Migrator.IsEmpty(connection);
        if (!isNew)
        {
            // First: a file that is not ours is not to be touched, not even by a setting.
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

    // For the server alone, and before it tells anybody a seq: who opens the file beside it neither tells seqs nor
    // keeps any.
    private static void FollowMark(SqliteConnection connection, DatabaseOptions options, ILogger logger)
    {
        var wasUnsynced = UnsyncedMark.IsSet(connection);
        if (wasUnsynced)
        {
            // After a power cut, commits may be gone that clients have seen: their seqs will come again.
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
            "The database was not closed, and FullSync was off: commits may be gone. Clients that come back load "
                + "everything anew.")]
        public static partial void LeftOpen(ILogger logger);

        [LoggerMessage(
            LogLevel.Information,
            "Another program has written to the database: clients that come back load everything anew.")]
        public static partial void WrittenByOthers(ILogger logger);
    }
}
