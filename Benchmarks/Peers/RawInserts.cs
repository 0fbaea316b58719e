using Kaffediem.Persistence;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Transactions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kaffediem.Benchmarks.Peers;

/// <summary>
/// The upper limit for writes: inserts the two rows of an order (its own and its change's) into a file with the
/// server's schema and pragmas, on one thread, with prepared commands and without look-ups or checks.
/// </summary>
internal sealed class RawInserts : IDisposable
{
    private const long FirstDayId = 101;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _order;
    private readonly SqliteCommand _change;
    private long _id;

    private RawInserts(SqliteConnection connection)
    {
        _connection = connection;
        _order = Prepare(
            """
            INSERT INTO "order" (id, uuid, customer_id, day_id, items_data, state, missing_information, inserted_at,
                                 updated_at)
                 VALUES (@id, @uuid, 1, @dayId, @items, 'received', 0, @now, @now)
            """);
        _order.Parameters["@items"].Value = SampleOrder.Items;
        _change = Prepare(
            """
            INSERT INTO change_log (collection, action, record_id, record, before, after, inserted_at)
                 VALUES ('order', 'create', @id, @record, NULL, @after, @now)
            """);
    }

    /// <summary>Creates the file.</summary>
    public static RawInserts Create(string path)
    {
        var options = new DatabaseOptions { Path = path };
        Database.Open(options, TimeProvider.System, NullLogger<Database>.Instance).Dispose();
        var connection = SqliteSettings.Connect(path, SqliteOpenMode.ReadWrite);
        SqliteSettings.ApplyToWriter(connection, options);
        return new RawInserts(connection);
    }

    /// <summary>Inserts orders.</summary>
    /// <param name="count">The number of orders.</param>
    /// <param name="batch">The number of orders per transaction.</param>
    public void Insert(int count, int batch)
    {
        for (var left = count; left > 0; left -= batch)
        {
            using var transaction = _connection.BeginTransaction();
            (_order.Transaction, _change.Transaction) = (transaction, transaction);
            var now = Timestamp.Format(DateTimeOffset.UtcNow);
            for (var i = Math.Min(left, batch); i > 0; i--)
            {
                Insert(now);
            }

            transaction.Commit();
        }
    }

    public void Dispose()
    {
        _order.Dispose();
        _change.Dispose();
        _connection.Dispose();
    }

    private void Insert(string now)
    {
        var uuid = Guid.CreateVersion7().ToString();
        _id++;
        _order.Parameters["@id"].Value = _id;
        _order.Parameters["@uuid"].Value = uuid;
        _order.Parameters["@dayId"].Value = FirstDayId + _id;
        _order.Parameters["@now"].Value = now;
        _order.ExecuteNonQuery();
        _change.Parameters["@id"].Value = _id;
        _change.Parameters["@record"].Value = SampleOrder.Record(_id, uuid);
        _change.Parameters["@after"].Value = $$"""{"inserted_at":"{{now}}","customer_id":1,"is_today":true}""";
        _change.Parameters["@now"].Value = now;
        _change.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in sql.Split([' ', ',', '(', ')', '\n']).Where(word => word.StartsWith('@')).Distinct())
        {
            command.Parameters.AddWithValue(name, DBNull.Value);
        }

        command.Prepare();
        return command;
    }
}
