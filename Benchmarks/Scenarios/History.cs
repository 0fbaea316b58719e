using Kaffediem.Benchmarks.Load;
using Kaffediem.Benchmarks.Processes;
using Kaffediem.Benchmarks.Reporting;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>
/// Ten orders of today in a file with a million older orders and in one without: the older ones should cost nothing.
/// </summary>
internal sealed class History : IScenario
{
    private const string Without = "no history";
    private const int OrdersBefore = 1_000_000;
    private const int Today = 10;

    // A join and a list after each order, so that no cached list answers them.
    private const int ReadsPerRound = 25;

    public string Name => "history";

    public async Task<IReadOnlyList<Result>> RunAsync(Bench bench)
    {
        using var with = await StartAsync(bench, "history", OrdersBefore);
        using var without = await StartAsync(bench, Without, ordersBefore: 0);
        var rounds = await Interleaved.MeasureAsync(
            bench, Name, [with, without], server => MeasureAsync(bench, server));
        return
        [
            Compare(rounds, "join with 10 orders today", report => report.Join),
            Compare(rounds, "list of 10 orders today", report => report.List),
            Compare(rounds, "order to response", report => report.Order),
        ];
    }

    private static Result Compare(
        Dictionary<string, List<HistoryReport>> rounds, string what, Func<HistoryReport, double> figure) => new()
        {
            What = $"{what}, 1,000,000 older orders",
            Unit = "ms",
            Figure = Median.Of(rounds["history"], figure),
            Peer = Without,
            PeerFigure = Median.Of(rounds[Without], figure),
            Target = Target.AtMost(1.5),
        };

    private async Task<MeasuredServer> StartAsync(Bench bench, string name, int ordersBefore)
    {
        var database = bench.NewDatabase();
        (await bench.StartKaffediemAsync(database)).Dispose(); // creates the tables
        Bench.Progress($"{Name}: inserting {ordersBefore} orders");
        Fill(database, ordersBefore);
        var server = await bench.StartKaffediemAsync(database);
        await bench.LoadAsync(Name, server, "--Subscribers=0", $"--Posts={Today}");
        return server with { Name = name };
    }

    private static void Fill(string database, int count)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            WITH RECURSIVE n (i) AS (SELECT 1 WHERE @count > 0 UNION ALL SELECT i + 1 FROM n WHERE i < @count)
            INSERT INTO "order" (uuid, customer_id, day_id, items_data, state, missing_information, inserted_at,
                                 updated_at)
                 SELECT printf('%08x-0000-4000-8000-%012x', i, i), i % 50, 101 + i % 500, @items, 'dispatched', 0,
                        strftime('%Y-%m-%dT%H:%M:%S', 1600000000 + i * 100, 'unixepoch'),
                        strftime('%Y-%m-%dT%H:%M:%S', 1600000000 + i * 100, 'unixepoch')
                   FROM n
            """;
        command.Parameters.AddWithValue("@count", count);
        command.Parameters.AddWithValue("@items", SampleOrder.Items);
        command.ExecuteNonQuery();
    }

    private async Task<HistoryReport> MeasureAsync(Bench bench, MeasuredServer server)
    {
        using var client = new TimedClient(server);
        await client.ConnectAsync();
        var joins = new List<double>();
        var lists = new List<double>();
        var orders = new List<double>();
        for (var i = 0; i < ReadsPerRound; i++)
        {
            orders.Add(await client.OrderAsync());
            joins.Add(await client.JoinAsync());
            lists.Add(await client.ListAsync());
        }

        var report = new HistoryReport(
            Median.Of(joins, join => join), Median.Of(lists, list => list), Median.Of(orders, order => order));
        bench.Record(Name, server.Name, report);
        return report;
    }

    /// <summary>Milliseconds until the response to each.</summary>
    private sealed record HistoryReport(double Join, double List, double Order);
}
