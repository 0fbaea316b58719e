using Dapper;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Maintenance;

/// <summary>Whether a database is as it should be. It is only read, and a server may be running on it.</summary>
public static class DatabaseCheck
{
    private const int MaxForeignKeys = 20;

    /// <summary>Looks at everything there is, as of one instant.</summary>
    /// <exception cref="DatabaseException">It cannot be looked at, or is not one of this version.</exception>
    public static CheckReport Run(DatabaseOptions options)
    {
        var path = DatabaseLock.ResolveLink(options.Path);
        return DiskWork.Run(path, () =>
        {
            using var connection = SourceFile.OpenOurs(path);
            using var transaction = connection.BeginTransaction(deferred: true);
            return Run(connection, path);
        });
    }

    private static CheckReport Run(SqliteConnection connection, string path)
    {
        var content = FileContent.Read(connection);
        List<string> facts =
        [
            $"File: {path}, {connection.QuerySingle<long>("PRAGMA page_count")} pages",
            $"Schema: {content.Migration ?? "Kaffebase"}{(Migrator.IsBehind(connection) ? ", which a start updates" : "")}",
        ];
        List<string> problems = [.. FileContent.FindDamage(connection), .. FindLostReferences(connection)];
        if (problems.Count == 0 && content.Migration is not null && !Migrator.IsBehind(connection))
        {
            var log = LogCheck.Run(connection);
            facts.AddRange(log.Facts);
            problems.AddRange(log.Problems);
        }

        return new CheckReport(facts, problems);
    }

    private static IEnumerable<string> FindLostReferences(SqliteConnection connection) =>
        connection.Query<(string Table, long? Row, string Parent)>(
            """
            SELECT "table", rowid, parent
              FROM pragma_foreign_key_check
             LIMIT @MaxForeignKeys
            """,
            new { MaxForeignKeys })
        .Select(lost => $"Row {lost.Row} of {lost.Table} refers to a row of {lost.Parent} that is not there.");
}

/// <summary>What was found.</summary>
/// <param name="Facts">What there is.</param>
/// <param name="Problems">What is wrong with it; empty if nothing.</param>
public sealed record CheckReport(IReadOnlyList<string> Facts, IReadOnlyList<string> Problems);
