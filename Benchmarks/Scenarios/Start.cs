using System.Diagnostics;
using Kaffediem.Benchmarks.Linux;
using Kaffediem.Benchmarks.Reporting;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>The time of a start on an existing database, and the memory of an idle server.</summary>
internal sealed class Start : IScenario
{
    // A start is short, so more rounds cost little.
    private const int StartsPerRound = 3;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    public string Name => "start";

    public async Task<IReadOnlyList<Result>> RunAsync(Bench bench)
    {
        var database = bench.NewDatabase();
        await MeasureAsync(bench, database);
        var starts = new List<StartReport>();
        for (var i = 0; i < bench.Rounds * StartsPerRound; i++)
        {
            starts.Add(await MeasureAsync(bench, database));
            bench.Record(Name, "Kaffediem", starts[^1]);
        }

        return
        [
            new Result
            {
                What = "start, until /health responds",
                Unit = "ms",
                Figure = Median.Of(starts, start => start.Milliseconds),
                Target = Target.AtMost(400),
            },
            new Result
            {
                What = "resident memory when idle",
                Unit = "MB",
                Figure = Median.Of(starts, start => start.ResidentKB / 1024.0),
                Target = Target.AtMost(70),
            },
        ];
    }

    private async Task<StartReport> MeasureAsync(Bench bench, string database)
    {
        Bench.Progress($"{Name}: another start");
        var begin = Stopwatch.GetTimestamp();
        using var server = await bench.StartKaffediemAsync(database);
        using var http = new HttpClient();
        (await http.GetAsync(new Uri($"{server.Url}/health"))).EnsureSuccessStatusCode();
        var milliseconds = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        await Task.Delay(Settling);
        return new StartReport(milliseconds, ProcessUsage.ResidentKB(server.Process.Id));
    }

    private sealed record StartReport(double Milliseconds, long ResidentKB);
}
