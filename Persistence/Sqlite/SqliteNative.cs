using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>What SQLite can tell and its .NET wrapper does not pass on.</summary>
internal static partial class SqliteNative
{
    private const int FileControlHasMoved = 20; // SQLITE_FCNTL_HAS_MOVED, sqlite3.h

    /// <summary>
    /// Whether the file is no longer, or another one is, where it was opened. Who writes on writes into nowhere. Costs
    /// one <c>stat</c>.
    /// </summary>
    public static bool HasMoved(SqliteConnection connection)
    {
        var hasMoved = 0;
        var handle = connection.Handle ?? throw new InvalidOperationException("The connection is closed.");
        var code = FileControl(handle.DangerousGetHandle(), "main", FileControlHasMoved, ref hasMoved);
        SqliteException.ThrowExceptionForRC(code, handle);
        return hasMoved != 0;
    }

    /// <summary>
    /// Writes what the transaction has changed so far to the log, uncommitted:
    /// https://www.sqlite.org/c3ref/db_cacheflush.html.
    /// </summary>
    public static void Flush(SqliteConnection connection)
    {
        var handle = connection.Handle ?? throw new InvalidOperationException("The connection is closed.");
        SqliteException.ThrowExceptionForRC(CacheFlush(handle.DangerousGetHandle()), handle);
    }

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_db_cacheflush")]
    private static partial int CacheFlush(nint database);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileControl(nint database, string name, int operation, ref int argument);
}
