using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>Opens a database file only to read it, while others may be writing to it.</summary>
internal static class SourceFile
{
    /// <summary>Opens any database file. Nothing can be written through the connection.</summary>
    /// <exception cref="DatabaseException">The file is missing or empty.</exception>
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

        // A read-only connection leaves behind the -wal file that it makes; a read-write one also deletes a -wal file
        // that a crash has left. Either way the files must stay as they were: so read-only if there is a -wal file.
        var mode = File.Exists(path + "-wal") ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWrite;
        return SqliteSettings.Connect(path, mode, connection =>
        {
            SqliteSettings.ApplyToReader(connection);
            SqliteSettings.ForbidWrites(connection);
        });
    }

    /// <summary>Opens a database of Kaffediem, or of a Kaffebase that this version supports.</summary>
    /// <exception cref="DatabaseException">The file is missing or empty, or is something else.</exception>
    public static SqliteConnection OpenOurs(string path) => Handover.To(Open(path), connection =>
    {
        Migrator.Check(connection, path);
        return connection;
    });
}
