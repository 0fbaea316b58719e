using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Kaffediem.Benchmarks.Micro;
using Kaffediem.Benchmarks.Reporting;
using Perfolizer.Horology;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>The single steps of handling a message: their time and their allocations.</summary>
internal sealed class MicroBenchmarks : IScenario
{
    private static readonly Type[] Steps = [typeof(Frames), typeof(Dispatch), typeof(Records)];

    public string Name => "micro";

    public Task<IReadOnlyList<Result>> RunAsync(Bench bench)
    {
        var results = new List<Result>();
        foreach (var step in Steps)
        {
            Bench.Progress($"{Name}: {step.Name}");
            var summary = BenchmarkRunner.Run(step, Config(bench));
            results.AddRange(summary.Reports.SelectMany(Results));
        }

        return Task.FromResult<IReadOnlyList<Result>>(results);
    }

    // In this process: BenchmarkDotNet would have to build another one, which needs the SDK and takes minutes.
    private static ManualConfig Config(Bench bench) => ManualConfig.CreateEmpty()
        .AddJob(
            Job.ShortRun.WithToolchain(InProcessEmitToolchain.DontLogOutput)
                .WithIterationTime(TimeInterval.FromMilliseconds(200)))
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddLogger(NullLogger.Instance)
        .WithArtifactsPath(Path.GetDirectoryName(bench.NewDatabase())!);

    private static IEnumerable<Result> Results(BenchmarkReport report)
    {
        var step = report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\'');
        yield return new Result
        {
            What = step,
            Unit = "ns",
            Figure = report.ResultStatistics?.Mean ?? throw new InvalidOperationException($"{step} was not measured."),
        };
        yield return new Result
        {
            What = $"{step}: allocated",
            Unit = "B",
            Figure = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? double.NaN,
        };
    }
}
