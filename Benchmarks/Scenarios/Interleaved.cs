using Kaffediem.Benchmarks.Processes;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>
/// Measures several servers in turn, round after round: what disturbs the machine for a while disturbs all of them. A
/// first round, which compiles, does not count.
/// </summary>
internal static class Interleaved
{
    /// <returns>All that was measured, by the server's name.</returns>
    public static async Task<Dictionary<string, List<T>>> MeasureAsync<T>(
        Bench bench, string scenario, IReadOnlyList<MeasuredServer> servers, Func<MeasuredServer, Task<T>> measureAsync)
    {
        var results = servers.ToDictionary(server => server.Name, _ => new List<T>());
        for (var round = 0; round <= bench.Rounds; round++)
        {
            bench.TellRound(scenario, round);
            // There and back: nobody always comes after the same one.
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
