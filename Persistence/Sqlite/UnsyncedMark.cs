using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>
/// A mark in the database that a server has it open, or had and did not close it, and does not sync its commits
/// (<see cref="DatabaseOptions.FullSync"/>). It is the <c>user_version</c> of SQLite's file header, which neither this
/// program nor Kaffebase uses otherwise. The write-ahead log would not do as a mark: after a power cut it may be empty
/// or not there at all, and whatever opens the file first, even a shell, tidies it away.
/// </summary>
internal static class UnsyncedMark
{
    public static bool IsSet(SqliteConnection connection) => connection.ReadNumber("PRAGMA user_version") != 0;

    /// <summary>
    /// Sets it where commits are not synced, else removes it; this commit, and all before it, are synced.
    /// </summary>
    public static void Write(SqliteConnection connection, DatabaseOptions options)
    {
        connection.Run("PRAGMA synchronous = FULL");
        connection.Run(options.FullSync ? "PRAGMA user_version = 0" : "PRAGMA user_version = 1");
        SqliteSettings.ApplySync(connection, options);
    }

    /// <summary>
    /// Removes it from a file that is about to be closed: without this commit there are none after it.
    /// </summary>
    public static void Remove(SqliteConnection connection)
    {
        try
        {
            connection.Run("PRAGMA user_version = 0");
        }
        catch (SqliteException)
        {
            // A full disk, say. Then clients load everything anew once more than they must.
        }
    }
}
