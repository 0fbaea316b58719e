using Dapper;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>Whether the change log tells everything, and the records are as it tells.</summary>
internal static class LogCheck
{
    private const string Stand =
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

    // The last change that the log has of each record. An order has its exact time in "updated", other records have
    // whole seconds in "updated_at". Kaffebase's tables do not say when a row was deleted.
    private const string Records =
        """
        WITH told (collection, id, seq) AS (SELECT collection, record_id, MAX(seq)
                                              FROM change_log
                                          GROUP BY collection, record_id),
             there (collection, id, updated_at) AS (SELECT 'category', id, updated_at FROM category
                                                     UNION ALL
                                                    SELECT 'item', id, updated_at FROM item
                                                     UNION ALL
                                                    SELECT 'customization_key', id, updated_at FROM customization_key
                                                     UNION ALL
                                                    SELECT 'customization_value', id, updated_at
                                                      FROM customization_value
                                                     UNION ALL
                                                    SELECT 'message', id, updated_at FROM message
                                                     UNION ALL
                                                    SELECT 'status', id, updated_at FROM status
                                                     UNION ALL
                                                    SELECT 'order', id, updated_at FROM "order"),
             compared (is_deleted, told_at, there_at)
                 AS (SELECT action = 'delete',
                            COALESCE(rtrim(record ->> '$.updated', 'Z'), record ->> '$.updated_at'),
                            there.updated_at
                       FROM told
                       JOIN change_log USING (seq)
                  LEFT JOIN there ON there.collection = told.collection
                                 AND there.id = told.id)
        SELECT COALESCE(SUM(NOT is_deleted AND there_at IS NULL), 0)            AS Missing,
               COALESCE(SUM(NOT is_deleted AND there_at < told_at), 0)          AS Older,
               COALESCE(SUM(is_deleted AND there_at IS NOT NULL), 0)            AS Undeleted,
               COALESCE(SUM(NOT is_deleted AND there_at > told_at), 0)          AS Newer
          FROM compared
        """;

    public static CheckReport Run(SqliteConnection connection)
    {
        var stand = connection.QuerySingle<LogStand>(Stand, commandTimeout: 0);
        var records = connection.QuerySingle<ToldRecords>(Records, commandTimeout: 0);
        List<string> facts = [stand.Count == 0 ? "Changes: none yet" : $"Changes: {stand.First} to {stand.Last}"];
        if (records.Newer > 0)
        {
            facts.Add($"Written by another program since: {records.Newer} records");
        }

        return new CheckReport(facts, [.. FindProblems(stand), .. FindProblems(records)], Images: []);
    }

    private static IEnumerable<string> FindProblems(LogStand stand)
    {
        // The oldest are deleted in time, the last one never, and none from between.
        if (stand.Count > 0 && stand.Last - stand.First + 1 - stand.Count is > 0 and var gaps)
        {
            yield return $"{gaps} changes between {stand.First} and {stand.Last} are missing.";
        }

        if (stand.Given != stand.Last)
        {
            yield return $"The last change is {stand.Last}, but {stand.Given} was given already.";
        }

        if (stand.Epochs != 1)
        {
            yield return $"There are {stand.Epochs} epochs, not one.";
        }
    }

    private static IEnumerable<string> FindProblems(ToldRecords records)
    {
        if (records.Missing > 0)
        {
            yield return $"{records.Missing} records are missing which the log tells of, "
                + "unless another program has deleted them.";
        }

        if (records.Older > 0)
        {
            yield return $"{records.Older} records are older than the log tells.";
        }

        if (records.Undeleted > 0)
        {
            yield return $"{records.Undeleted} records are there which the log tells were deleted.";
        }
    }

    private sealed record LogStand
    {
        public required long Count { get; init; }

        public required long First { get; init; }

        public required long Last { get; init; }

        public required long Given { get; init; }

        public required long Epochs { get; init; }
    }

    private sealed record ToldRecords
    {
        public required long Missing { get; init; }

        public required long Older { get; init; }

        public required long Undeleted { get; init; }

        public required long Newer { get; init; }
    }
}
