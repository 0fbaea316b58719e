using Kaffediem.Persistence.Transactions;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>How connections to the file are opened and configured, and why.</summary>
internal static class SqliteSettings
{
    /// <summary>How many pages of the usual 4 KB the writer's cache holds: 16 MB.</summary>
    public const int WriterCachePages = 4096;

    /// <summary>
    /// The collation of text by the numbers of its UTF-16 units, as .NET compares it; SQLite's own is by characters.
    /// Only readers have it, so no index may use it.
    /// </summary>
    public const string OrdinalCollation = "ORDINAL";

    private const int BusyTimeoutSeconds = 5;

    /// <summary>Opens a connection.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">What the connection may do.</param>
    /// <param name="prepare">Sets or checks the new connection, which is closed if that fails.</param>
    public static SqliteConnection Connect(
        string path, SqliteOpenMode mode, Action<SqliteConnection>? prepare = null)
    {
        var closed = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            // A pooled connection would hold the file open after the database is closed.
            Pooling = false,
            // Only one of our processes writes, so only another program (a backup, a shell) makes us wait.
            // Microsoft.Data.Sqlite repeats a busy statement for this long.
            DefaultTimeout = BusyTimeoutSeconds,
        }.ToString());
        return Handover.To(closed, connection =>
        {
            connection.Open();
            // Statement journals and sorting take place in memory. In files, a full or missing temporary folder would
            // fail large statements, as if there were no room for the database.
            connection.Run("PRAGMA temp_store = MEMORY");
            prepare?.Invoke(connection);
            return connection;
        });
    }

    public static void ApplyToWriter(SqliteConnection connection, DatabaseOptions options)
    {
        // WAL: readers see their snapshot while the writer writes, and a commit is one append to one file.
        connection.Run("PRAGMA journal_mode = WAL");

        ApplySync(connection, options);

        // SQLite checks foreign keys only if asked to, on every connection.
        connection.Run("PRAGMA foreign_keys = ON");

        // SQLite's own wait reacts faster than the repeats of Microsoft.Data.Sqlite, which sleep for 150 ms.
        connection.Run($"PRAGMA busy_timeout = {BusyTimeoutSeconds * 1000}");

        // 16 MB: every order touches the same few indexes, which soon outgrow the default of 2 MB.
        connection.Run($"PRAGMA cache_size = -{WriterCachePages * 4}");

        // A long read keeps the log from being reset. Once it is over, the log shrinks to this size (64 MB) again.
        connection.Run("PRAGMA journal_size_limit = 67108864");
    }

    public static void ApplySync(SqliteConnection connection, DatabaseOptions options) =>
        // FULL: in WAL mode NORMAL does not sync at a commit, so a power failure could take acknowledged writes.
        connection.Run(options.FullSync ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");

    public static void ApplyToReader(SqliteConnection connection)
    {
        connection.Run($"PRAGMA busy_timeout = {BusyTimeoutSeconds * 1000}");
        connection.CreateCollation(OrdinalCollation, string.CompareOrdinal);
    }

    /// <summary>Makes every statement that would write fail.</summary>
    public static void ForbidWrites(SqliteConnection connection) => connection.Run("PRAGMA query_only = ON");

    /// <summary>Configures a connection to a file that is made, or replaced, as a whole.</summary>
    public static void ApplyToCopy(SqliteConnection connection)
    {
        // No other process can use the file until it is closed, not even between two transactions.
        connection.Run("PRAGMA locking_mode = EXCLUSIVE");

        // No log beside the file. An existing log is folded in, which fails if another process has the file open.
        connection.Run("PRAGMA journal_mode = DELETE");

        // EXTRA: after a commit, the deletion of the journal is on the disk as well as the file's content.
        connection.Run("PRAGMA synchronous = EXTRA");

        connection.Run("BEGIN EXCLUSIVE; COMMIT");
    }
}
