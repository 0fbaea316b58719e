using Dapper;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Transactions;
using SQLitePCL;

namespace Kaffediem.IntegrationTests.Persistence.Orders;

/// <summary>A statement that a list of orders has run for its first page of 30.</summary>
/// <param name="Statement">With the values of its parameters.</param>
/// <param name="Steps">How many steps SQLite's virtual machine took for it.</param>
internal sealed record ListRun(string Statement, long Steps)
{
    /// <summary>Whether the statement counts the records of all pages.</summary>
    public bool IsCount => Statement.StartsWith("SELECT COUNT", StringComparison.Ordinal);

    /// <summary>Reads the page, and says which statements ran.</summary>
    /// <param name="transaction">Where.</param>
    /// <param name="filter">Which orders.</param>
    /// <param name="sort">As in a request: <c>-created,state</c>.</param>
    public static List<ListRun> Of(ReadTransaction transaction, OrderFilter filter, string sort)
    {
        var handle = transaction.Connection.Sqlite.Handle;
        var runs = new List<ListRun>();
        raw.sqlite3_trace(handle, (_, text) => runs.Add(new ListRun(text, 0)), null);
        raw.sqlite3_progress_handler(
            handle,
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
            raw.sqlite3_progress_handler(handle, 0, null, null);
            raw.sqlite3_trace(handle, (strdelegate_trace?)null, null);
        }

        return runs;
    }

    /// <summary>SQLite's plan for the statement.</summary>
    public List<string> Explain(ReadTransaction transaction) =>
    [
        .. transaction.Connection.Query<Step>($"EXPLAIN QUERY PLAN {Statement}").Select(step => step.Detail),
    ];

    private sealed record Step
    {
        public required string Detail { get; init; }
    }
}
