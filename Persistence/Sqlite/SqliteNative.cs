using System.Runtime.InteropServices;
using Kaffediem.Persistence.Sqlite.Statements;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>Functions of SQLite that its .NET wrapper lacks.</summary>
internal static partial class SqliteNative
{
    private const int FileControlHasMoved = 20; // SQLITE_FCNTL_HAS_MOVED, sqlite3.h

    /// <summary>
    /// Whether the file was moved or deleted, or another is in its place, so that further writes would be lost. Costs
    /// one <c>stat</c>.
    /// </summary>
    public static bool HasMoved(SqliteConnection connection)
    {
        var hasMoved = 0;
        var handle = connection.OpenHandle();
        var code = FileControl(handle.DangerousGetHandle(), "main", FileControlHasMoved, ref hasMoved);
        SqliteException.ThrowExceptionForRC(code, handle);
        return hasMoved != 0;
    }

    /// <summary>
    /// Writes the transaction's changes so far to the write-ahead log, uncommitted:
    /// https://www.sqlite.org/c3ref/db_cacheflush.html.
    /// </summary>
    public static void Flush(SqliteConnection connection)
    {
        var handle = connection.OpenHandle();
        SqliteException.ThrowExceptionForRC(CacheFlush(handle.DangerousGetHandle()), handle);
    }

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_db_cacheflush")]
    private static partial int CacheFlush(nint database);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileControl(nint database, string name, int operation, ref int argument);
}
