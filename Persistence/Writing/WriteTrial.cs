using System.Globalization;
using Kaffediem.Persistence.Sqlite;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Writing;

/// <summary>Tries whether a transaction of some size could be written and synced, and changes nothing.</summary>
internal static class WriteTrial
{
    private const int PageSize = 4096;

    /// <summary>
    /// Writes pages to the log and takes them back, then commits one page that stays as it was, which syncs all of the
    /// log. The log's file keeps its size, so the room that was found is there for the next writes.
    /// </summary>
    /// <param name="connection">In no transaction.</param>
    /// <param name="pages">At least so many.</param>
    /// <exception cref="SqliteException">Such a transaction would fail.</exception>
    public static void Run(SqliteConnection connection, int pages)
    {
        connection.Run("BEGIN IMMEDIATE");
        // Into a table that is read at the start only. Random bytes, since file systems that compress need no room for
        // zeros.
        connection.Run(
            """
            INSERT INTO kaffediem_migrations (name, inserted_at)
                 VALUES ('trial', randomblob(@bytes))
            """,
            ("@bytes", (long)pages * PageSize));
        SqliteNative.Flush(connection);
        connection.Run("ROLLBACK");

        connection.Run("BEGIN IMMEDIATE");
        // Kaffebase does not use the number. Setting it writes its page, even if it stays the same.
        var number = connection.ReadNumber("PRAGMA user_version");
        connection.Run($"PRAGMA user_version = {number.ToString(CultureInfo.InvariantCulture)}");
        connection.Run("COMMIT");
    }
}
