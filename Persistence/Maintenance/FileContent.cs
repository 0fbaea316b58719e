using Dapper;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Maintenance;

/// <summary>What tells one state of a database from another.</summary>
/// <param name="Migration">The last of ours that was applied; <c>null</c> in a file of Kaffebase.</param>
/// <param name="LastSeq">The last change, 0 if there is none or no log yet.</param>
/// <param name="Epoch"><c>null</c> without a log.</param>
internal sealed record FileContent(string? Migration, long LastSeq, string? Epoch)
{
    /// <summary>Reads it; within the connection's transaction, if there is one.</summary>
    public static FileContent Read(SqliteConnection connection) => Migrator.HasChangeLog(connection)
        ? new(Migrator.LastApplied(connection), ChangeLog.LastSeq(connection), ChangeLog.Epoch(connection))
        : new(Migrator.LastApplied(connection), 0, null);

    /// <summary>What SQLite finds wrong with the file; empty if nothing.</summary>
    public static IReadOnlyList<string> FindDamage(SqliteConnection connection) =>
        // Reads every page, and compares the indexes with their tables.
        connection.Query<string>("PRAGMA integrity_check", commandTimeout: 0).Where(line => line != "ok").AsList();
}
