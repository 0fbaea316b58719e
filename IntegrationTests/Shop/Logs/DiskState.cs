using Dapper;
using Kaffediem.IntegrationTests.Shop.Servers;
using Microsoft.Data.Sqlite;

namespace Kaffediem.IntegrationTests.Shop.Logs;

/// <summary>The content of a database's files, read without the server's code.</summary>
/// <param name="Log">The changes after some seq, in order.</param>
/// <param name="Count">The total number of changes.</param>
/// <param name="Records">The rows of orders and messages, by collection and id.</param>
/// <param name="Integrity">The result of SQLite's <c>integrity_check</c>.</param>
internal sealed record DiskState(
    IReadOnlyList<LogEntry> Log, long Count, IReadOnlyDictionary<string, string> Records, string Integrity)
{
    private const string Entries =
        """
          SELECT seq AS Seq, collection AS Collection, action AS Action, record_id AS RecordId, record AS Record,
                 CASE collection
                 WHEN 'order'
                 THEN json_array(record ->> 'uuid', record ->> 'customer_id', record ->> 'day_id', record ->> 'state',
                                 rtrim(record ->> 'created', 'Z'), rtrim(record ->> 'updated', 'Z'),
                                 json_array_length(record, '$.items'))
                 ELSE json_array(record ->> 'title', record ->> 'subtitle', record ->> 'updated_at')
                  END AS Row
            FROM change_log
           WHERE seq > @afterSeq
        ORDER BY seq
        """;

    private const string Rows =
        """
        SELECT 'order ' || id, json_array(uuid, customer_id, day_id, state, inserted_at, updated_at,
                                          json_array_length(items_data))
          FROM "order"
         UNION ALL
        SELECT 'message ' || id, json_array(title, subtitle, updated_at)
          FROM message
        """;

    /// <summary>Reads a database that no process has open.</summary>
    public static DiskState Read(string path, long afterSeq)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        return new DiskState(
            connection.Query<LogEntry>(Entries, new { afterSeq }).AsList(),
            connection.QuerySingle<long>("SELECT COUNT(*) FROM change_log"),
            connection.Query<(string Name, string Row)>(Rows).ToDictionary(row => row.Name, row => row.Row),
            string.Join('\n', connection.Query<string>("PRAGMA integrity_check")));
    }

    /// <summary>
    /// Reads a copy of what a killed server has left: the original stays as it is for the next server.
    /// </summary>
    public static DiskState ReadCopy(string path, long afterSeq)
    {
        using var copy = ShopFolder.WithCopyOf(path);
        return Read(copy.Database, afterSeq);
    }
}
