using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>A database file that is only looked at, while others may write to it.</summary>
internal static class SourceFile
{
    /// <summary>Opens it, whatever it is. Nothing can be written through the connection.</summary>
    /// <exception cref="DatabaseException">There is none.</exception>
    public static SqliteConnection Open(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new DatabaseException($"There is no database {path}.");
        }

        // A database that was never filled, or a failed copy, leaves an empty file.
        if (file.Length == 0)
        {
            throw new DatabaseException($"{path} is empty: it has 0 bytes.");
        }

        DatabaseLock.RefuseUnderOtherName(path);

        // Who may only read can not tidy away the log it made to do so; who may write would also tidy away one that a
        // crash has left. So: as whoever looks last leaves everything as it was.
        var mode = File.Exists(path + "-wal") ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWrite;
        var connection = SqliteSettings.Connect(path, mode);
        try
        {
            SqliteSettings.ApplyToReader(connection);
            SqliteSettings.ForbidWrites(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens one of Kaffediem, or of Kaffebase, that this version can take over.</summary>
    /// <exception cref="DatabaseException">There is none, or it is something else.</exception>
    public static SqliteConnection OpenOurs(string path)
    {
        var connection = Open(path);
        try
        {
            Migrator.Check(connection, path);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
