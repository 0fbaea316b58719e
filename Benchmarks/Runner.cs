using System.Text.Json;
using Kaffediem.Benchmarks.Load;
using Kaffediem.Benchmarks.Reporting;
using Kaffediem.Benchmarks.Scenarios;

namespace Kaffediem.Benchmarks;

/// <summary>Runs the selected scenarios and reports.</summary>
internal static class Runner
{
    // Machines are noisy: a build fails only if something is badly wrong.
    private const double ShortShareOfTarget = 0.5;

    private static readonly IScenario[] Short = [FanOut.OneAtATime, FanOut.InFlight];

    private static readonly IScenario[] All =
    [
        FanOut.OneAtATime,
        FanOut.InFlight,
        FanOut.Pipelined,
        new Orders(),
        new OrdersHeard(),
        new CommitToClient(),
        new ManySubscribers(),
        new IdleMemory(),
        new JoinStorm(),
        new HeartbeatRate(),
        new History(),
        new Start(),
        new MicroBenchmarks(),
    ];

    public static async Task<int> RunAsync(RunOptions options)
    {
        var results = new List<Result>();
        var bench = new Bench(options.Server, options.Rounds, options.IsShort);
        foreach (var scenario in Select(options))
        {
            results.AddRange(await TryAsync(scenario, bench));
        }

        Console.WriteLine(Machine.Describe());
        Console.WriteLine();
        Console.WriteLine(Table.Of(results));
        var report = new
        {
            Machine = Machine.Describe(),
            At = DateTimeOffset.UtcNow,
            options.Rounds,
            results,
            Measurements = bench.Log,
        };
        await File.WriteAllTextAsync(options.Out, JsonSerializer.Serialize(report, LoadReport.Json));
        return options.IsShort ? Judge(results) : 0;
    }

    private static IScenario[] Select(RunOptions options)
    {
        var unknown = options.Only.Except(All.Select(scenario => scenario.Name)).ToArray();
        return unknown.Length > 0
            ? throw new ArgumentException(
                $"There is no scenario \"{unknown[0]}\"; valid names: "
                    + $"{string.Join(", ", All.Select(scenario => scenario.Name))}")
            : options.Only.Length > 0 ? [.. All.Where(scenario => options.Only.Contains(scenario.Name))]
            : options.IsShort ? Short
            : All;
    }

    // A scenario that fails must not cost the others.
    private static async Task<IReadOnlyList<Result>> TryAsync(IScenario scenario, Bench bench)
    {
        try
        {
            return await scenario.RunAsync(bench);
        }
        catch (Exception exception)
        {
            Bench.Progress($"{scenario.Name} failed: {exception.Message}");
            var what = $"{scenario.Name}: not measured";
            return [new Result { What = what, Unit = "", Figure = double.NaN, Target = Target.AtLeast(0) }];
        }
    }

    private static int Judge(List<Result> results)
    {
        var ratios = results.Where(result => result.Target is { IsMinimum: true }).ToList();
        return ratios.All(result => (result.Ratio ?? result.Figure) >= result.Target!.Value * ShortShareOfTarget)
            ? 0
            : 1;
    }
}
