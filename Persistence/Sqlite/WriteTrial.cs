using System.Globalization;
using Kaffediem.Persistence.Transactions;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>Finds out whether a transaction of some size could be written and synced. Changes nothing.</summary>
internal static class WriteTrial
{
    private const int PageSize = 4096;

    /// <summary>
    /// Writes pages to the write-ahead log and rolls back; then commits one unchanged page, which syncs the whole log.
    /// The log's file keeps its size, so its room is there for the next writes.
    /// </summary>
    /// <param name="connection">The write connection, outside a transaction.</param>
    /// <param name="pages">How many pages to write at least.</param>
    /// <exception cref="SqliteException">Such a transaction would fail.</exception>
    public static void Run(SqliteConnection connection, int pages)
    {
        connection.Run("BEGIN IMMEDIATE");
        // Into a table that only a start reads. Random bytes, because file systems that compress need no room for
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
        // Kaffebase does not use the number. Setting it writes its page, even if the number stays the same.
        var number = connection.ReadNumber("PRAGMA user_version");
        connection.Run($"PRAGMA user_version = {number.ToString(CultureInfo.InvariantCulture)}");
        connection.Run("COMMIT");
    }
}
