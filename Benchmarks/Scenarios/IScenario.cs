using Kaffediem.Benchmarks.Reporting;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>One row of the table of targets.</summary>
internal interface IScenario
{
    /// <summary>For <c>--only</c>.</summary>
    string Name { get; }

    Task<IReadOnlyList<Result>> RunAsync(Bench bench);
}
