using System.Data;
using Dapper;
using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Persistence.Log;

/// <summary>
/// The log of all changes, in the order of their commits: the one source of broadcasts and replays.
/// </summary>
public static class ChangeLog
{
    private const string Columns =
        """
        seq AS Seq, collection AS Collection, action AS Action, record_id AS RecordId,
        CAST(record AS BLOB) AS RecordJson, CAST(before AS BLOB) AS Before, CAST(after AS BLOB) AS After
        """;

    // change_log_not_order_index leaves out the collection that has almost all changes (Sqlite/Migrations/0006).
    private const string NotIndexed = "order";

    /// <summary>
    /// The changes of some collections after a position, in order; <c>null</c> when they cannot be replayed: the
    /// position is of another epoch, in the future, or pruned, or there are too many changes.
    /// </summary>
    /// <param name="transaction">The changes up to its position are read.</param>
    /// <param name="collections">The collections.</param>
    /// <param name="since">The position; its own change is not included.</param>
    /// <param name="limit">How many changes there may be.</param>
    /// <param name="maxBytes">How many bytes their records may take together.</param>
    public static IReadOnlyList<Change>? ReadSince(
        ReadTransaction transaction,
        IReadOnlyList<string> collections,
        ChangePosition since,
        int limit,
        long maxBytes)
    {
        if (!HasAllSince(transaction, since))
        {
            return null;
        }

        var rows = transaction.Connection.Query<Row>(
            $"""
              SELECT {Columns}
                FROM change_log
               WHERE seq > @Seq
                 AND {Among(collections)}
            ORDER BY seq
               LIMIT @limit
            """,
            new { since.Seq, collections, limit = limit + 1 },
            buffered: false);
        var changes = new List<Change>();
        var bytes = 0L;
        foreach (var row in rows)
        {
            bytes += row.RecordJson.Length;
            if (changes.Count == limit || bytes > maxBytes)
            {
                return null;
            }

            changes.Add(row.ToChange(transaction.CancellationToken));
        }

        return changes;
    }

    /// <summary>Whether the log still has all changes after a position.</summary>
    public static bool HasAllSince(ReadTransaction transaction, ChangePosition since) =>
        since.Epoch == transaction.Position.Epoch
        && since.Seq <= transaction.Position.Seq
        && since.Seq >= FirstSeq(transaction.Connection) - 1;

    /// <summary>The last change of some collections after a seq; <c>null</c> when there is none.</summary>
    public static long? LastSeqOf(ReadTransaction transaction, IReadOnlyList<string> collections, long after) =>
        transaction.Connection.QuerySingle<long?>(
            $"""
            SELECT MAX(seq)
              FROM change_log
             WHERE seq > @after
               AND {Among(collections)}
            """,
            new { after, collections });

    /// <summary>The first change of some collections after a seq; <c>null</c> when there is none.</summary>
    public static long? FirstSeqOf(ReadTransaction transaction, IReadOnlyList<string> collections, long after) =>
        transaction.Connection.QuerySingleOrDefault<long?>(
            $"""
              SELECT seq
                FROM change_log
               WHERE seq > @after
                 AND {Among(collections)}
            ORDER BY seq
               LIMIT 1
            """,
            new { after, collections });

    /// <summary>
    /// The first retained changes after a seq, in order. <see cref="HasAllSince"/> says whether any are missing.
    /// </summary>
    public static IReadOnlyList<Change> ReadAfter(ReadTransaction transaction, long seq, int limit) =>
        transaction.Connection.Query<Row>(
            $"""
              SELECT {Columns}
                FROM change_log
               WHERE seq > @seq
            ORDER BY seq
               LIMIT @limit
            """,
            new { seq, limit })
        .Select(row => row.ToChange(transaction.CancellationToken))
        .ToList();

    /// <returns>The change's seq.</returns>
    internal static long Append(WriteTransaction transaction, NewChange change) =>
        transaction.Connection.Direct(
            """
            INSERT INTO change_log (collection, action, record_id, record, before, after, inserted_at)
                 VALUES (@Collection, @Action, @RecordId, @RecordJson, @Before, @After, @Timestamp)
            """)
        .Bind(change.Collection)
        .Bind(Name(change.Action))
        .Bind(change.RecordId)
        .Bind(change.RecordJson)
        .Bind(change.Before?.Json)
        .Bind(change.After?.Json)
        .Bind(transaction.Timestamp)
        .Insert();

    /// <summary>
    /// Deletes the oldest changes that are older than <paramref name="before"/> or more than
    /// <paramref name="maxCount"/> changes back, but at most <paramref name="limit"/> of them. The last change always
    /// stays, because it holds the last seq.
    /// </summary>
    /// <returns>How many were deleted.</returns>
    internal static int Prune(WriteTransaction transaction, DateTimeOffset before, long maxCount, int limit) =>
        // Only the oldest rows are checked, so that a step has a bounded length. The first retained change retains all
        // later ones, even if a wrong clock made it look younger than they are: a reconnecting client could not see a
        // gap in the log.
        transaction.Connection.Run(
            """
            WITH last (seq) AS (SELECT MAX(seq)
                                  FROM change_log),
                 oldest (seq, inserted_at) AS (SELECT seq, inserted_at
                                                 FROM change_log
                                             ORDER BY seq
                                                LIMIT @limit),
                 kept (seq) AS (SELECT MIN(seq)
                                  FROM oldest
                                 WHERE inserted_at >= @before
                                   AND seq > (SELECT seq FROM last) - @maxCount)
            DELETE FROM change_log
                  WHERE seq <= (SELECT MAX(seq) FROM oldest)
                    AND seq < COALESCE((SELECT seq FROM kept), (SELECT seq FROM last))
            """,
            ("@before", Timestamp.Format(before)),
            ("@maxCount", maxCount),
            ("@limit", limit));

    /// <summary>The last seq, 0 when there is none.</summary>
    internal static long LastSeq(IDbConnection connection) =>
        connection.ReadNumber(
            """
            SELECT COALESCE(MAX(seq), 0)
              FROM change_log
            """);

    internal static string Epoch(IDbConnection connection) =>
        connection.ReadText(
            """
            SELECT id
              FROM epoch
            """);

    /// <summary>Invalidates all seqs that clients know, so that they load everything again.</summary>
    internal static void BeginEpoch(IDbConnection connection) =>
        connection.Execute(
            """
            UPDATE epoch
               SET id = lower(hex(randomblob(16)))
            """);

    // 1 while the log is empty: no client has missed anything.
    private static long FirstSeq(IDbConnection connection) =>
        connection.QuerySingle<long>(
            """
            SELECT COALESCE(MIN(seq), 1)
              FROM change_log
            """);

    // SQLite uses the partial index only if the statement itself says that it wants none of the other changes.
    private static string Among(IReadOnlyList<string> collections) => collections.Contains(NotIndexed)
        ? "collection IN @collections"
        : $"collection IN @collections AND collection <> '{NotIndexed}'";

    private static string Name(ChangeAction action) => action switch
    {
        ChangeAction.Create => "create",
        ChangeAction.Update => "update",
        ChangeAction.Delete => "delete",
        _ => "day_over",
    };

    private static ChangeAction Parse(string name) => name switch
    {
        "create" => ChangeAction.Create,
        "update" => ChangeAction.Update,
        "delete" => ChangeAction.Delete,
        _ => ChangeAction.DayOver,
    };

    private sealed record Row
    {
        public required long Seq { get; init; }

        public required string Collection { get; init; }

        public required string Action { get; init; }

        public required long RecordId { get; init; }

        public required byte[] RecordJson { get; init; }

        public required byte[]? Before { get; init; }

        public required byte[]? After { get; init; }

        public Change ToChange(CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new(Seq, Collection, Parse(Action), RecordId, RecordJson, KeysOf(Before), KeysOf(After));
        }

        private static FilterKeys? KeysOf(byte[]? json) => json is null ? null : new FilterKeys(json);
    }
}
