using Dapper;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Sqlite.Statements;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence;

/// <summary>
/// The daily work of a shop costs no more after years than on its first day. The tests count SQLite's steps, not time:
/// a statement that scans the history takes at least one step for each of its rows.
/// </summary>
public sealed class HistoryTests
{
    private const string Midnight = "midnight";

    private const int Rows = 2000;

    // The noise: a statement that finds one row of many looks once more for another.
    private const int Slack = 20;

    private const string Day =
        """
        INSERT INTO "order" (uuid, customer_id, day_id, items_data, state, inserted_at, updated_at)
             VALUES ('u1', 1, 101, '[]', 'received', '2026-11-23T08:00:00', '2026-11-23T08:01:00'),
                    ('u2', 2, 102, '[]', 'received', '2026-11-23T08:00:01', '2026-11-23T08:00:01'),
                    ('u3', 1, 103, '[]', 'received', '2026-11-23T08:00:02', '2026-11-23T08:02:00');

        INSERT INTO change_log (collection, action, record_id, record, inserted_at)
             VALUES ('item', 'update', 1, '{"id":1}', '2026-11-23T08:02:00'),
                    ('status', 'update', 1, '{"id":1}', '2026-11-23T08:02:00'),
                    ('order', 'update', 3, '{"id":3}', '2026-11-23T08:02:00');
        """;

    private static readonly string History =
        $$"""
        INSERT INTO "order" (uuid, customer_id, day_id, items_data, state, inserted_at, updated_at)
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {{Rows}})
             SELECT 'h' || n, iif(n % 500 = 0, 3, 1), 100 + n, '[]', 'dispatched', '2025-11-23T08:00:00',
                    iif(n % 2 = 0, '2025-11-23T08:00:00', '2025-11-23T08:01:00')
               FROM number;

        INSERT INTO change_log (collection, action, record_id, record, inserted_at)
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {{Rows}})
             SELECT 'order', 'create', n, '{"id":1}', '2026-11-22T08:00:00'
               FROM number;

        INSERT INTO idempotency (scope, key, body_hash, record, inserted_at)
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {{Rows}})
             SELECT 'order', n, zeroblob(32), '{"id":1}', '2026-11-23T08:00:00'
               FROM number;
        """;

    private static readonly Dictionary<string, Action<ReadTransaction>> ReadsByName = new()
    {
        ["today's orders"] = transaction =>
            Count(2, [.. OrderStore.Matching(new() { Today = true }).ReadAll(transaction)]),
        ["a customer's orders of today"] = transaction =>
            Count(1, [.. OrderStore.Matching(new() { Today = true, CustomerId = 1 }).ReadAll(transaction)]),
        ["the orders since a time"] = transaction =>
            Count(
                1,
                [
                    .. OrderStore.Matching(new() { Today = true, From = At("2026-11-23T08:00:02Z") })
                        .ReadAll(transaction),
                ]),
        ["a customer's orders"] = transaction =>
            Count(1, [.. OrderStore.Matching(new() { CustomerId = 2 }).ReadAll(transaction)]),
        ["the missed changes of the status"] = transaction =>
            Count(
                1,
                ChangeLog.ReadSince(
                    transaction, ["status"], new(0, transaction.Position.Epoch), limit: 10, maxBytes: long.MaxValue)!),
        ["the last change of the menu"] = transaction =>
            Assert.NotNull(ChangeLog.LastSeqOf(transaction, ["category", "item", "customization_key"], after: 0)),
        ["the newest changes"] = transaction =>
            Count(1, ChangeLog.ReadAfter(transaction, transaction.Position.Seq - 1, limit: 200)),
    };

    private static readonly Dictionary<string, Action<WriteTransaction, OrderStore>> WritesByName = new()
    {
        ["an order by its id"] = (transaction, orders) => Assert.NotNull(orders.Find(transaction, LastId(transaction))),
        ["an order that is placed"] = (transaction, orders) => Succeed(
            orders.Create(transaction, new() { Uuid = "new", Lines = [] })),
        ["an order that is changed"] = (transaction, orders) => Succeed(
            orders.Update(transaction, LastId(transaction), new() { State = "completed" })),
        ["an order that is deleted"] = (transaction, orders) => Succeed(
            orders.Delete(transaction, LastId(transaction))),
        [Midnight] = (transaction, _) => Count(2, CurrentDay.Advance(transaction, Days).Changes),
        ["pruning"] = (transaction, _) => Assert.Equal(
            0, ChangeLog.Prune(transaction, transaction.Now.AddDays(-7), maxCount: 1_000_000, limit: 2)),
        ["a retry"] = (transaction, orders) => Succeed(Idempotency.Once(
            transaction,
            [new IdempotencyKey("order", "x", new byte[32], new FieldError("x", "y"))],
            OrderJson.Wire.Order,
            () => orders.Create(transaction, new() { Uuid = "new", Lines = [] }))),
    };

    public static TheoryData<string> Reads => [.. ReadsByName.Keys];

    public static TheoryData<string> Writes => [.. WritesByName.Keys];

    private static ShopDays Days => new(new OrderOptions());

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Read_does_not_scan_the_history(string name)
    {
        var first = await CountReadAsync(Day, name);
        var later = await CountReadAsync(History + Day, name);

        Assert.InRange(later, 1, first + Slack);
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task Write_does_not_scan_the_history(string name)
    {
        var first = await CountWriteAsync(Day, name);
        var later = await CountWriteAsync(History + Day, name);

        Assert.InRange(later, 1, first + Slack);
    }

    [Fact]
    public async Task Search_for_foreign_writes_at_the_start_does_not_scan_the_history()
    {
        var first = await CountStartAsync(Day);
        var later = await CountStartAsync(History + Day);

        Assert.InRange(later, 1, first + Slack);
    }

    private static async Task<int> CountReadAsync(string rows, string name)
    {
        await using var test = await StartAsync(rows);
        return await test.Database.ReadAsync(
            transaction => Steps(Sqlite(transaction.Connection), () => ReadsByName[name](transaction)), Token);
    }

    private static async Task<int> CountWriteAsync(string rows, string name)
    {
        await using var test = await StartAsync(rows);
        test.Time.Advance(name == Midnight ? TimeSpan.FromDays(1) : TimeSpan.Zero);
        return await test.Database.WriteAsync(
            transaction => Written.WithoutChange(
                Steps(Sqlite(transaction.Connection), () => WritesByName[name](transaction, test.OrderStore))),
            Token);
    }

    private static async Task<int> CountStartAsync(string rows)
    {
        await using var test = await StartAsync(rows);
        await using var connection = new SqliteConnection($"Data Source={test.Path};Pooling=False");
        connection.Open();
        return Steps(connection, () => Assert.False(ForeignWrites.Exist(connection)));
    }

    /// <summary>A shop at noon, whose day began before its orders.</summary>
    private static async Task<TestDatabase> StartAsync(string rows)
    {
        var test = new TestDatabase();
        await test.OrderStore.BeginDayAsync(Token);
        test.Execute(rows);
        return test;
    }

    private static SqliteConnection Sqlite(System.Data.IDbConnection connection) =>
        ((PreparedConnection)connection).Sqlite;

    private static int Steps(SqliteConnection connection, Action work)
    {
        // Otherwise the first statement reads the schema, and those steps would be counted, too.
        connection.Execute("SELECT 1 FROM sqlite_master");
        var steps = 0;
        raw.sqlite3_progress_handler(connection.Handle, 1, _ => Interlocked.Increment(ref steps) * 0, null);
        try
        {
            work();
        }
        finally
        {
            raw.sqlite3_progress_handler(connection.Handle, 0, null, null);
        }

        return steps;
    }

    private static long LastId(WriteTransaction transaction) =>
        transaction.Connection.QuerySingle<long>("""SELECT MAX(id) FROM "order" """);

    private static void Succeed(Written<WriteResult<Order>> written) =>
        Assert.IsType<WriteResult<Order>.Saved>(written.Result);

    private static void Count<T>(int least, IReadOnlyList<T> rows) => Assert.InRange(rows.Count, least, 3);

    private static DateTimeOffset At(string time) =>
        DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);
}
