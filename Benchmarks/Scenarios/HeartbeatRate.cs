using Kaffediem.Benchmarks.Processes;
using Kaffediem.Benchmarks.Reporting;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>
/// Heartbeats over 1,000 sockets, each sent after the reply to the one before, against a server that echoes frames.
/// </summary>
internal sealed class HeartbeatRate : IScenario
{
    private const string Echo = "echo";

    public string Name => "heartbeats";

    public async Task<IReadOnlyList<Result>> RunAsync(Bench bench)
    {
        using var server = await bench.StartKaffediemAsync();
        using var echo = await MeasuredServer.StartPeerAsync(Echo);
        var rounds = await Interleaved.MeasureAsync(bench, Name, [server, echo], async one =>
        {
            var report = await bench.LoadAsync(Name, one, "--Subscribers=1000", "--HeartbeatSeconds=4");
            return report.Heartbeats ?? throw new InvalidOperationException($"{one.Name} answered no heartbeat.");
        });
        return
        [
            new Result
            {
                What = "heartbeats over 1,000 sockets",
                Unit = "heartbeats/s",
                Figure = Median.Of(rounds[MeasuredServer.Kaffediem], round => round.PerSecond),
                Peer = Echo,
                PeerFigure = Median.Of(rounds[Echo], round => round.PerSecond),
                Target = Target.AtLeast(0.8),
            },
        ];
    }
}
