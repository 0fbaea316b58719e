using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>Reads all of a database, while others may write to it.</summary>
internal static class WholeFile
{
    /// <summary>Whether SQLite can read every page and finds nothing damaged.</summary>
    public static bool IsInOrder(string path, CancellationToken cancellationToken)
    {
        try
        {
            // A connection of its own: others have pages in memory that can no longer be read from the disk.
            using var connection = SqliteSettings.Connect(path, SqliteOpenMode.ReadOnly);
            SqliteSettings.ApplyToReader(connection);
            using var cancelling = cancellationToken.Register(() => raw.sqlite3_interrupt(connection.Handle));
            // A value that another program has stored against a rule of ours is not damage.
            connection.Run("PRAGMA ignore_check_constraints = ON");
            return connection.ReadText("PRAGMA integrity_check(1)") == "ok";
        }
        catch (SqliteException)
        {
            return false;
        }
    }
}
