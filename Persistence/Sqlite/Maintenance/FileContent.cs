using Dapper;
using Kaffediem.Persistence.Log;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>What distinguishes one state of a database from another.</summary>
/// <param name="Migration">The last of our migrations; <c>null</c> in a file of Kaffebase.</param>
/// <param name="LastSeq">The last change; 0 if there is none, or no log yet.</param>
/// <param name="Epoch">The log's epoch; <c>null</c> without a log.</param>
internal sealed record FileContent(string? Migration, long LastSeq, string? Epoch)
{
    /// <summary>Reads the state, within the connection's transaction if there is one.</summary>
    public static FileContent Read(SqliteConnection connection) => Migrator.HasChangeLog(connection)
        ? new(Migrator.LastApplied(connection), ChangeLog.LastSeq(connection), ReadEpoch(connection))
        : new(Migrator.LastApplied(connection), 0, null);

    /// <summary>The damage that SQLite finds in the file; empty if there is none.</summary>
    public static IReadOnlyList<string> FindDamage(SqliteConnection connection)
    {
        try
        {
            // Reads every page, and compares the indexes with their tables.
            return connection.Query<string>("PRAGMA integrity_check", commandTimeout: 0)
                .SelectMany(found => found.Split('\n'))
                .Where(line => line != "ok")
                .AsList();
        }
        catch (SqliteException exception) when (SqliteFault.CodeOf(exception) == raw.SQLITE_CORRUPT)
        {
            return ["a page that everything else depends on cannot be read"];
        }
    }

    // Missing if somebody has edited the file; a server would not start on it.
    private static string? ReadEpoch(SqliteConnection connection) =>
        connection.QueryFirstOrDefault<string>(
            """
            SELECT id
              FROM epoch
            """);
}
