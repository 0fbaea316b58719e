using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>How connections to the file are opened and set, and why.</summary>
internal static class SqliteSettings
{
    /// <summary>How many pages of the usual 4 KB the writer's cache holds: 16 MB.</summary>
    public const int WriterCachePages = 4096;

    /// <summary>
    /// The collation of text by the numbers of its UTF-16 units, as .NET compares it; SQLite's own is by characters. Only
    /// readers have it, so no index may use it.
    /// </summary>
    public const string OrdinalCollation = "ORDINAL";

    private const int BusyTimeoutSeconds = 5;

    public static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            // Ours to keep: a pooled connection would hold the file open after Database is closed.
            Pooling = false,
            // Of our own processes only one writes, so only a stranger (a backup, a shell) makes us wait.
            // Microsoft.Data.Sqlite repeats a busy statement this long.
            DefaultTimeout = BusyTimeoutSeconds,
        }.ToString());
        try
        {
            connection.Open();
            // Statement journals and sorting take place in memory. In files, a full or missing temporary folder would
            // fail large statements, as if there were no room for the database.
            connection.Run("PRAGMA temp_store = MEMORY");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static void ApplyToWriter(SqliteConnection connection, DatabaseOptions options)
    {
        // WAL: readers see their snapshot while the writer writes, and a commit is one append to one file.
        connection.Run("PRAGMA journal_mode = WAL");

        ApplySync(connection, options);

        // SQLite leaves foreign keys unchecked unless asked, on every connection anew.
        connection.Run("PRAGMA foreign_keys = ON");

        // SQLite's own waiting reacts faster than the repeats of Microsoft.Data.Sqlite, which sleep 150 ms.
        connection.Run($"PRAGMA busy_timeout = {BusyTimeoutSeconds * 1000}");

        // 16 MB: an order touches the same few indexes as the one before; the default of 2 MB is soon too small for
        // them.
        connection.Run($"PRAGMA cache_size = -{WriterCachePages * 4}");

        // A long read keeps the log from being reset; give the disk space back once it is over (64 MB).
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

    /// <summary>Whatever is run, nothing is written.</summary>
    public static void ForbidWrites(SqliteConnection connection) => connection.Run("PRAGMA query_only = ON");

    /// <summary>For a file that is made, or replaced, as a whole.</summary>
    public static void ApplyToCopy(SqliteConnection connection)
    {
        // Nobody gets at it before it is closed, not even between two transactions.
        connection.Run("PRAGMA locking_mode = EXCLUSIVE");

        // Without a log beside it. In a file that has one this folds it in, which fails if anyone has the file open.
        connection.Run("PRAGMA journal_mode = DELETE");

        // EXTRA: not only what is in the file, but also that its journal is gone is on the disk after a commit.
        connection.Run("PRAGMA synchronous = EXTRA");

        connection.Run("BEGIN EXCLUSIVE; COMMIT");
    }
}
