using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Transactions;
using Microsoft.Data.Sqlite;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Orders;

/// <summary>
/// A page of 30 of 1,000,000 orders: what SQLite plans for it, and that it reads about 30 rows. (The total, which is
/// counted in an index, is left out.)
/// </summary>
public sealed class MillionOrdersTests : IAsyncLifetime
{
    private const int Orders = 1_000_000;

    private static readonly (string Sort, string Plan)[] Plans =
    [
        ("", "SCAN order USING COVERING INDEX order_day_id_index"), // the list's own order, by day number
        ("id", "SCAN order"),
        ("-id", "SCAN order"),
        ("uuid", "SCAN order USING COVERING INDEX order_uuid_index"),
        ("customer_id", "SCAN order USING COVERING INDEX order_customer_id_index"),
    ];

    private readonly TestDatabase _test = new();

    public async ValueTask InitializeAsync()
    {
        await _test.OrderStore.BeginDayAsync(Token);
        await _test.CloseAsync();
        using var connection = SqliteSettings.Connect(_test.Path, SqliteOpenMode.ReadWrite);
        connection.Run("PRAGMA journal_mode = OFF");
        connection.Run("PRAGMA synchronous = OFF");
        connection.Run(
            $"""
            WITH RECURSIVE number (n) AS (SELECT 1
                                           UNION ALL
                                          SELECT n + 1
                                            FROM number
                                           WHERE n < {Orders})
            INSERT INTO "order" (uuid, customer_id, day_id, items_data, state, missing_information,
                                 inserted_at, updated_at)
                 SELECT printf('%08d', n), n / 1000, 101 + n / 5000, '[]', 'dispatched', 0,
                        strftime('%Y-%m-%dT%H:%M:%S.000', 1700000000 + n, 'unixepoch'), '2026-11-23T12:00:00.000'
                   FROM number
            """);
    }

    public async ValueTask DisposeAsync() => await _test.DisposeAsync();

    // One test: making the orders takes some seconds.
    [Fact]
    public async Task A_page_of_30_reads_about_30_rows()
    {
        foreach (var (sort, plan) in Plans)
        {
            var (steps, found) = await _test.Database.ReadAsync(transaction => RunPage(transaction, sort), Token);

            Assert.Equal([plan], found);
            // A few steps for each row, and some at the beginning.
            Assert.InRange(steps, 30, 30 * 20);
        }
    }

    // The first statement counts the orders, the second finds the page's ids; after that only these are read.
    private static (long Steps, List<string> Plan) RunPage(ReadTransaction transaction, string sort)
    {
        var page = ListRun.Of(transaction, new OrderFilter(), sort)[1];
        return (page.Steps, page.Explain(transaction));
    }
}
