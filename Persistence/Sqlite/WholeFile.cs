using Kaffediem.Persistence.Transactions;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>Reads all of a database, while others may be writing to it.</summary>
internal static class WholeFile
{
    /// <summary>Whether SQLite can read every page and finds no damage.</summary>
    public static bool IsInOrder(string path, CancellationToken cancellationToken)
    {
        try
        {
            // A new connection: the others may hold pages in memory that can no longer be read from the disk.
            using var connection =
                SqliteSettings.Connect(path, SqliteOpenMode.ReadOnly, SqliteSettings.ApplyToReader);
            using var cancelling = cancellationToken.Register(() => raw.sqlite3_interrupt(connection.Handle));
            // A value that another program has stored against one of our rules is not damage.
            connection.Run("PRAGMA ignore_check_constraints = ON");
            return connection.ReadText("PRAGMA integrity_check(1)") == "ok";
        }
        catch (SqliteException)
        {
            return false;
        }
    }
}
