using Dapper;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>Checks that the change log is complete, and that the records agree with it.</summary>
internal static class LogCheck
{
    private const string State =
        """
        SELECT COUNT(*)              AS Count,
               COALESCE(MIN(seq), 0) AS First,
               COALESCE(MAX(seq), 0) AS Last,
               COALESCE((SELECT seq
                           FROM sqlite_sequence
                          WHERE name = 'change_log'), 0) AS Given,
               (SELECT COUNT(*)
                  FROM epoch)        AS Epochs
          FROM change_log
        """;

    // Each collection has the table of its name.
    private const string Tables =
        """
        SELECT name AS Name,
               EXISTS (SELECT 1 FROM pragma_table_info(sqlite_master.name) WHERE name = 'updated_at') AS HasTimes
          FROM sqlite_master
         WHERE type = 'table'
           AND name IN (SELECT collection FROM change_log)
        """;

    public static CheckReport Run(SqliteConnection connection)
    {
        var state = connection.QuerySingle<LogState>(State, commandTimeout: 0);
        var tables = connection.Query<LoggedTable>(Tables, commandTimeout: 0);
        var records = connection.QuerySingle<LoggedRecords>(CompareWith(tables), commandTimeout: 0);
        List<string> facts = [state.Count == 0 ? "Changes: none yet" : $"Changes: {state.First} to {state.Last}"];
        if (records.Newer > 0)
        {
            facts.Add($"Written by another program since: {records.Newer} records");
        }

        return new CheckReport(facts, [.. FindProblems(state), .. FindProblems(records)], Images: []);
    }

    // The last change that the log has of each record. An order has its exact time in "updated", other records have
    // whole seconds in "updated_at". Kaffebase's tables do not say when a row was deleted.
    private static string CompareWith(IEnumerable<LoggedTable> tables) =>
        $"""
        WITH logged (collection, id, seq) AS (SELECT collection, record_id, MAX(seq)
                                                FROM change_log
                                            GROUP BY collection, record_id),
             stored (collection, id, updated_at) AS (SELECT NULL, NULL, NULL
                                                     {string.Concat(tables.Select(RowsOf))}),
             compared (is_deleted, is_stored, logged_at, stored_at)
                 AS (SELECT action = 'delete',
                            stored.id IS NOT NULL,
                            COALESCE(rtrim(record ->> '$.updated', 'Z'), record ->> '$.updated_at'),
                            stored.updated_at
                       FROM logged
                       JOIN change_log USING (seq)
                  LEFT JOIN stored ON stored.collection = logged.collection
                                 AND stored.id = logged.id)
        SELECT COALESCE(SUM(NOT is_deleted AND NOT is_stored), 0)           AS Missing,
               COALESCE(SUM(NOT is_deleted AND stored_at < logged_at), 0)   AS Older,
               COALESCE(SUM(is_deleted AND is_stored), 0)                   AS Undeleted,
               COALESCE(SUM(NOT is_deleted AND stored_at > logged_at), 0)   AS Newer
          FROM compared
        """;

    // A name cannot be a parameter. This one is a table's, from the schema, and quoted.
    private static string RowsOf(LoggedTable table) =>
        $"""
         UNION ALL SELECT '{table.Name.Replace("'", "''", StringComparison.Ordinal)}', id,
                          {(table.HasTimes ? "updated_at" : "NULL")}
                     FROM "{table.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}"
        """;

    private static IEnumerable<string> FindProblems(LogState state)
    {
        // Pruning deletes the oldest changes, never the last one, and none from between.
        if (state.Count > 0 && state.Last - state.First + 1 - state.Count is > 0 and var gaps)
        {
            yield return $"{gaps} changes between {state.First} and {state.Last} are missing.";
        }

        if (state.Given != state.Last)
        {
            yield return $"The last change is {state.Last}, but {state.Given} was already used.";
        }

        if (state.Epochs != 1)
        {
            yield return $"There are {state.Epochs} epochs, not one.";
        }
    }

    private static IEnumerable<string> FindProblems(LoggedRecords records)
    {
        if (records.Missing > 0)
        {
            yield return $"{records.Missing} records that the log has are missing, "
                + "unless another program has deleted them.";
        }

        if (records.Older > 0)
        {
            yield return $"{records.Older} records are older than in the log.";
        }

        if (records.Undeleted > 0)
        {
            yield return $"{records.Undeleted} records exist that the log says were deleted.";
        }
    }

    private sealed record LogState
    {
        public required long Count { get; init; }

        public required long First { get; init; }

        public required long Last { get; init; }

        public required long Given { get; init; }

        public required long Epochs { get; init; }
    }

    private sealed record LoggedTable
    {
        public required string Name { get; init; }

        public required bool HasTimes { get; init; }
    }

    private sealed record LoggedRecords
    {
        public required long Missing { get; init; }

        public required long Older { get; init; }

        public required long Undeleted { get; init; }

        public required long Newer { get; init; }
    }
}
