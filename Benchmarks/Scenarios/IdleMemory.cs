using Kaffediem.Benchmarks.Load;
using Kaffediem.Benchmarks.Processes;
using Kaffediem.Benchmarks.Reporting;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>
/// The memory of an idle connection that has joined one topic: the growth of resident memory per connection.
/// </summary>
internal sealed class IdleMemory : IScenario
{
    private const string What = "memory per idle connection, 10,000 connections";
    private const int Connections = 10_000;

    // While its connections are silent, "echo" holds nothing but a list of them.
    private static readonly (string Peer, Target? Target)[] Peers = [("echo", Target.AtMost(1.1)), ("signalr", null)];

    public string Name => "memory";

    public async Task<IReadOnlyList<Result>> RunAsync(Bench bench)
    {
        var reports = new Dictionary<string, List<MemoryReport>>();
        for (var round = 1; round <= bench.Rounds; round++)
        {
            bench.ReportRound(Name, round);
            await MeasureAsync(bench, await bench.StartKaffediemAsync(), reports);
            foreach (var (peer, _) in Peers)
            {
                await MeasureAsync(bench, await MeasuredServer.StartPeerAsync(peer), reports);
            }
        }

        return [.. Peers.SelectMany(peer => Compare(reports, peer.Peer, peer.Target))];
    }

    // A new process each time, because used memory is not returned to the system.
    private async Task MeasureAsync(Bench bench, MeasuredServer server, Dictionary<string, List<MemoryReport>> reports)
    {
        using (server)
        {
            var report = await bench.LoadAsync(
                Name, server, $"--Subscribers={Connections}", "--SettleMs=8000", "--Memory=true");
            if (report is not { Joining.Joined: Connections, Memory: { } memory })
            {
                throw new InvalidOperationException($"Not every subscriber has joined {server.Name}: {report.Joining}");
            }

            if (!reports.TryGetValue(server.Name, out var known))
            {
                reports[server.Name] = known = [];
            }

            known.Add(memory);
        }
    }

    private static IEnumerable<Result> Compare(
        Dictionary<string, List<MemoryReport>> reports, string peer, Target? target)
    {
        yield return Compare(What, memory => memory.JoinedKB);
        yield return Compare($"{What}, after a full collection", memory => memory.CollectedKB) with { Target = null };

        Result Compare(string what, Func<MemoryReport, long> used) => new()
        {
            What = what,
            Unit = "KB",
            Figure = Median.Of(reports[MeasuredServer.Kaffediem], memory => Growth(memory, used)),
            Peer = peer,
            PeerFigure = Median.Of(reports[peer], memory => Growth(memory, used)),
            Target = target,
        };
    }

    private static double Growth(MemoryReport memory, Func<MemoryReport, long> used) =>
        (used(memory) - memory.BeforeKB) / (double)Connections;
}
