using Kaffediem.Benchmarks.Processes;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>
/// Measures several servers in turn, round after round, so that a temporary disturbance of the machine affects all of
/// them. The first round, in which the JIT compiles, does not count.
/// </summary>
internal static class Interleaved
{
    /// <returns>All measurements, by the server's name.</returns>
    public static async Task<Dictionary<string, List<T>>> MeasureAsync<T>(
        Bench bench, string scenario, IReadOnlyList<MeasuredServer> servers, Func<MeasuredServer, Task<T>> measureAsync)
    {
        var results = servers.ToDictionary(server => server.Name, _ => new List<T>());
        for (var round = 0; round <= bench.Rounds; round++)
        {
            bench.ReportRound(scenario, round);
            // The order alternates, so that no server always runs after the same one.
            foreach (var server in round % 2 == 0 ? servers : servers.Reverse())
            {
                var result = await measureAsync(server);
                if (round > 0)
                {
                    results[server.Name].Add(result);
                }
            }
        }

        return results;
    }
}
