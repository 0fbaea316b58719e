using Dapper;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Writing;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Orders;

/// <summary>
/// A page of orders costs the same after a year as after a month: SQLite follows an index to it, and stops at its end.
/// The statements are those that the list runs, explained by SQLite; the work is counted in its steps, not in time.
/// </summary>
public sealed class OrderPageTests(OrderPageTests.Shops shops) : IClassFixture<OrderPageTests.Shops>
{
    private readonly TestDatabase _month = shops.Month;
    private readonly TestDatabase _year = shops.Year;

    /// <summary>Sorts that an index has exactly, or within a second.</summary>
    public static TheoryData<string> StraightSorts =>
    [
        "", "id", "-id", "uuid", "-uuid", "day_id", "created", "-created", "inserted_at", "-inserted_at",
        "-created,state", "inserted_at,-uuid", "-uuid,total",
    ];

    /// <summary>And those for which the orders that are equal in the first field are sorted by the others.</summary>
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
    public async Task A_page_follows_an_index(string sort)
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
    public async Task A_page_takes_no_more_work_after_a_year(string sort)
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
    public async Task A_sort_without_an_index_looks_at_each_order_once(string sort)
    {
        var steps = await CountStepsAsync(_year, new OrderFilter(), sort);

        // Its keys are compared with those of the page so far; no other order is decoded.
        Assert.InRange(steps, YearOldShop.Orders, 40 * YearOldShop.Orders);
    }

    [Fact]
    public async Task A_list_that_nobody_waits_for_ends_after_a_few_records()
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
    public async Task Sorts_of_clients_are_not_kept_prepared()
    {
        var (before, after) = await _month.Database.ReadAsync(
            transaction =>
            {
                Array.ForEach(["", "created", "-created"], sort => Run(transaction, new OrderFilter(), sort));
                var before = StatementBytes(transaction);
                foreach (var sort in IndexedSorts.Concat(OtherSorts).Select(row => row.Data))
                {
                    Run(transaction, new OrderFilter(), sort);
                }

                return (before, StatementBytes(transaction));
            },
            Token);

        // A statement takes several kilobytes; what was last bound to the constant ones takes more or less.
        Assert.InRange(after, 1, before + 1000);
    }

    /// <summary>The statements that a list runs, each with its plan.</summary>
    private async Task<List<(string Statement, List<string> Plan)>> ExplainAsync(OrderFilter filter, string sort) =>
        await _year.Database.ReadAsync(
            transaction =>
            {
                var connection = Sqlite(transaction);
                return Run(transaction, filter, sort)
                    .Select(run => (run.Statement, connection.Query<Step>($"EXPLAIN QUERY PLAN {run.Statement}")
                        .Select(step => step.Detail).ToList()))
                    .ToList();
            },
            Token);

    /// <summary>How many steps finding the page takes, without counting the records of all pages.</summary>
    private static async Task<long> CountStepsAsync(TestDatabase test, OrderFilter filter, string sort) =>
        await test.Database.ReadAsync(
            transaction => Run(transaction, filter, sort)
                .Where(run => !run.Statement.StartsWith("SELECT COUNT", StringComparison.Ordinal))
                .Sum(run => run.Steps),
            Token);

    private static List<(string Statement, long Steps)> Run(
        ReadTransaction transaction, OrderFilter filter, string sort)
    {
        var connection = Sqlite(transaction);
        var runs = new List<(string Statement, long Steps)>();
        raw.sqlite3_trace(connection.Handle, (_, text) => runs.Add((text, 0)), null);
        raw.sqlite3_progress_handler(
            connection.Handle,
            1,
            _ =>
            {
                // SQLite takes steps while it compiles the first statement, too.
                if (runs.Count > 0)
                {
                    runs[^1] = runs[^1] with { Steps = runs[^1].Steps + 1 };
                }

                return 0;
            },
            null);
        try
        {
            IReadOnlyList<SortField> fields =
            [
                .. sort.Split(',', StringSplitOptions.RemoveEmptyEntries)
                    .Select(part => new SortField(part.TrimStart('-'), part.StartsWith('-'))),
            ];
            var slice = new ListSlice { Sort = fields, Page = 1, PerPage = 30 };
            Assert.NotEmpty(OrderStore.Matching(filter).Read(transaction, slice).Records);
        }
        finally
        {
            raw.sqlite3_progress_handler(connection.Handle, 0, null, null);
            raw.sqlite3_trace(connection.Handle, (strdelegate_trace?)null, null);
        }

        return runs;
    }

    private static int StatementBytes(ReadTransaction transaction)
    {
        raw.sqlite3_db_status(Sqlite(transaction).Handle, raw.SQLITE_DBSTATUS_STMT_USED, out var bytes, out _, 0);
        return bytes;
    }

    private static SqliteConnection Sqlite(ReadTransaction transaction) =>
        ((PreparedConnection)transaction.Connection).Sqlite;

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

    private sealed record Step
    {
        public required string Detail { get; init; }
    }
}
