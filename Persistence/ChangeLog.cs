using Dapper;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence;

/// <summary>The log of all changes, in the order of their commits: the one source of what is broadcast.</summary>
internal static class ChangeLog
{
    /// <returns>The change's seq.</returns>
    public static long Append(WriteTransaction transaction, NewChange change) =>
        transaction.Connection.QuerySingle<long>(
            """
            INSERT INTO change_log (collection, action, record_id, record, inserted_at)
                 VALUES (@Collection, @Action, @RecordId, @RecordJson, @Timestamp)
              RETURNING seq
            """,
            new
            {
                change.Collection,
                Action = Name(change.Action),
                change.RecordId,
                change.RecordJson,
                transaction.Timestamp,
            });

    /// <summary>The last seq, 0 when there is none. Whatever prunes the log must keep its last row for this.</summary>
    public static long LastSeq(SqliteConnection connection) =>
        connection.QuerySingle<long>(
            """
            SELECT COALESCE(MAX(seq), 0)
              FROM change_log
            """);

    public static string Epoch(SqliteConnection connection) =>
        connection.QuerySingle<string>(
            """
            SELECT id
              FROM epoch
            """);

    public static IReadOnlyList<Change> ReadAfter(ReadTransaction transaction, long seq, int limit) =>
        transaction.Connection.Query<Row>(
            """
              SELECT seq AS Seq, collection AS Collection, action AS Action, CAST(record AS BLOB) AS RecordJson
                FROM change_log
               WHERE seq > @seq
            ORDER BY seq
               LIMIT @limit
            """,
            new { seq, limit })
        .Select(row => new Change(row.Seq, row.Collection, Parse(row.Action), row.RecordJson))
        .ToList();

    private static string Name(ChangeAction action) => action switch
    {
        ChangeAction.Create => "create",
        ChangeAction.Update => "update",
        _ => "delete",
    };

    private static ChangeAction Parse(string name) => name switch
    {
        "create" => ChangeAction.Create,
        "update" => ChangeAction.Update,
        _ => ChangeAction.Delete,
    };

    private sealed record Row
    {
        public required long Seq { get; init; }

        public required string Collection { get; init; }

        public required string Action { get; init; }

        public required byte[] RecordJson { get; init; }
    }
}
