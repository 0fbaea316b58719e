using Kaffediem.Persistence.Transactions;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>
/// A mark in the database: a server that does not sync its commits (<see cref="DatabaseOptions.FullSync"/>) has it
/// open, or had and did not close it. The mark is the <c>user_version</c> of SQLite's file header, which neither this
/// program nor Kaffebase uses otherwise. The write-ahead log cannot serve as the mark: after a power cut it may be
/// empty or missing, and the first program that opens the file, even a shell, deletes it.
/// </summary>
internal static class UnsyncedMark
{
    public static bool IsSet(SqliteConnection connection) => connection.ReadNumber("PRAGMA user_version") != 0;

    /// <summary>
    /// Sets the mark if commits are not synced, and removes it otherwise. This commit and all before it are synced.
    /// </summary>
    public static void Write(SqliteConnection connection, DatabaseOptions options)
    {
        connection.Run("PRAGMA synchronous = FULL");
        connection.Run(options.FullSync ? "PRAGMA user_version = 0" : "PRAGMA user_version = 1");
        SqliteSettings.ApplySync(connection, options);
    }

    /// <summary>
    /// Removes the mark from a file that is about to be closed; no commit follows.
    /// </summary>
    public static void Remove(SqliteConnection connection)
    {
        try
        {
            connection.Run("PRAGMA user_version = 0");
        }
        catch (SqliteException)
        {
            // For example a full disk. Then clients load everything again once more than they need to.
        }
    }
}
