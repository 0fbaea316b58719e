using Kaffediem.Persistence;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Stores;
using Kaffediem.Persistence.Transactions;
using SQLitePCL;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Orders;

/// <summary>
/// A page of orders costs the same after a year as after a month: SQLite follows an index to the page and stops at its
/// end. SQLite explains the very statements that the list runs; the tests count its steps, not time.
/// </summary>
public sealed class OrderPageTests(OrderPageTests.Shops shops) : IClassFixture<OrderPageTests.Shops>
{
    private readonly TestDatabase _month = shops.Month;
    private readonly TestDatabase _year = shops.Year;

    /// <summary>Sorts for which an index has the exact order, or the order within a second.</summary>
    public static TheoryData<string> StraightSorts =>
    [
        "", "id", "-id", "uuid", "-uuid", "day_id", "created", "-created", "inserted_at", "-inserted_at",
        "-created,state", "inserted_at,-uuid", "-uuid,total",
    ];

    /// <summary>The same, and sorts whose orders with an equal first field are sorted by the other fields.</summary>
    public static TheoryData<string> IndexedSorts =>
    [
        .. StraightSorts.Select(row => row.Data), "-day_id", "day_id,-created", "customer_id", "-customer_id,state",
    ];

    public static TheoryData<string> OtherSorts =>
        ["-updated", "updated_at", "total", "-state", "missing_information", "-state,created"];

    private static Dictionary<string, OrderFilter> Filters => new()
    {
        ["all"] = new(),
        ["the front desk's"] = new() { CustomerId = YearOldShop.FrontDesk },
        ["a customer's"] = new() { CustomerId = YearOldShop.LastCustomer },
        ["today's"] = new() { Today = true },
        ["the front desk's of today"] = new() { Today = true, CustomerId = YearOldShop.FrontDesk },
        ["of more than a week"] = new() { From = Now.AddDays(-10) },
        ["the front desk's of more than a week"] =
            new() { From = Now.AddDays(-10), CustomerId = YearOldShop.FrontDesk },
    };

    private static DateTimeOffset Now => new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [MemberData(nameof(IndexedSorts))]
    public async Task Page_follows_an_index(string sort)
    {
        foreach (var (name, filter) in Filters)
        {
            foreach (var (statement, plan) in await ExplainAsync(filter, sort))
            {
                var scans = plan.Any(step => step.StartsWith("SCAN order", StringComparison.Ordinal));
                var sorts = plan.Any(step => step == "USE TEMP B-TREE FOR ORDER BY");
                Assert.False(scans && sorts, $"{name}: {statement}\n{string.Join('\n', plan)}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(StraightSorts))]
    public async Task Page_costs_no_more_after_a_year(string sort)
    {
        foreach (var name in new[] { "all", "the front desk's", "today's", "the front desk's of today" })
        {
            var month = await CountStepsAsync(_month, Filters[name], sort);
            var year = await CountStepsAsync(_year, Filters[name], sort);

            Assert.True(year < month * 1.5, $"{name}: {month} steps, {year} after a year");
        }
    }

    [Theory]
    [MemberData(nameof(OtherSorts))]
    public async Task Sort_without_an_index_reads_each_order_once(string sort)
    {
        var steps = await CountStepsAsync(_year, new OrderFilter(), sort);

        // Only the keys of an order are compared with the page so far; orders outside the page are not decoded.
        Assert.InRange(steps, YearOldShop.Orders, 40 * YearOldShop.Orders);
    }

    [Fact]
    public async Task Abandoned_list_ends_after_a_few_records()
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var read = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _month.Database.ReadAsync(
            ReadLane.Bulk,
            transaction =>
            {
                foreach (var _ in OrderStore.Matching(new OrderFilter()).ReadAll(transaction))
                {
                    read++;
                    left.Cancel();
                }

                return read;
            },
            left.Token));

        Assert.InRange(read, 1, 100);
    }

    [Fact]
    public async Task Statements_for_sorts_of_clients_are_not_kept_prepared()
    {
        var (before, after) = await _month.Database.ReadAsync(
            transaction =>
            {
                Array.ForEach(["", "created", "-created"], sort => ListRun.Of(transaction, new OrderFilter(), sort));
                var before = StatementBytes(transaction);
                foreach (var sort in IndexedSorts.Concat(OtherSorts).Select(row => row.Data))
                {
                    ListRun.Of(transaction, new OrderFilter(), sort);
                }

                return (before, StatementBytes(transaction));
            },
            Token);

        // A statement takes several kilobytes; the values last bound to the constant statements vary by less.
        Assert.InRange(after, 1, before + 1000);
    }

    /// <summary>The statements that a list runs, each with its plan.</summary>
    private async Task<List<(string Statement, List<string> Plan)>> ExplainAsync(OrderFilter filter, string sort) =>
        await _year.Database.ReadAsync(
            transaction => ListRun.Of(transaction, filter, sort)
                .Select(run => (run.Statement, run.Explain(transaction)))
                .ToList(),
            Token);

    /// <summary>The number of steps to find the page, without those that count the records of all pages.</summary>
    private static async Task<long> CountStepsAsync(TestDatabase test, OrderFilter filter, string sort) =>
        await test.Database.ReadAsync(
            transaction => ListRun.Of(transaction, filter, sort).Where(run => !run.IsCount).Sum(run => run.Steps),
            Token);

    private static int StatementBytes(ReadTransaction transaction)
    {
        raw.sqlite3_db_status(
            transaction.Connection.Sqlite.Handle, raw.SQLITE_DBSTATUS_STMT_USED, out var bytes, out _, 0);
        return bytes;
    }

    /// <summary>A shop after five weeks, and one after a year.</summary>
    public sealed class Shops : IAsyncLifetime
    {
        internal TestDatabase Month { get; } = new();

        internal TestDatabase Year { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await FillAsync(Month, YearOldShop.Orders / 10);
            await FillAsync(Year, YearOldShop.Orders);
        }

        public async ValueTask DisposeAsync()
        {
            await Month.DisposeAsync();
            await Year.DisposeAsync();
        }

        private static async Task FillAsync(TestDatabase test, int orders)
        {
            await DemoMenu.SeedContentAsync(test.Database, Token);
            await test.OrderStore.BeginDayAsync(Token);
            await test.CloseAsync();
            YearOldShop.Fill(test.Path, Now, orders);
        }
    }
}
