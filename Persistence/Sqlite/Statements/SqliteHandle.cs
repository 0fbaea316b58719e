using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kaffediem.Persistence.Sqlite.Statements;

/// <summary>SQLite's own connection, for the functions that its .NET wrapper lacks.</summary>
internal static class SqliteHandle
{
    /// <exception cref="InvalidOperationException">The connection is closed.</exception>
    public static sqlite3 OpenHandle(this SqliteConnection connection) =>
        connection.Handle ?? throw new InvalidOperationException("The connection is closed.");
}
