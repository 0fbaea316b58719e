using Kaffediem.Benchmarks.Reporting;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>One measurement, which yields one or several rows of the table.</summary>
internal interface IScenario
{
    /// <summary>The name for <c>--only</c>.</summary>
    string Name { get; }

    Task<IReadOnlyList<Result>> RunAsync(Bench bench);
}
