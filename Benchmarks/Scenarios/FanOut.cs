using Kaffediem.Benchmarks.Load;
using Kaffediem.Benchmarks.Processes;
using Kaffediem.Benchmarks.Reporting;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>Changes to 1,000 subscribers: one after the other, or several at a time.</summary>
/// <param name="Name">The name for <c>--only</c>.</param>
/// <param name="What">Its name in the table.</param>
/// <param name="Posts">The number of changes per round.</param>
/// <param name="Plan">The load client's options for posting them.</param>
/// <param name="Targets">The target against each peer; <c>null</c>: the row is for information only.</param>
/// <param name="CpuTarget">The target for the server's processor time per delivery, in microseconds.</param>
internal sealed record FanOut(
    string Name, string What, int Posts, string[] Plan, (string Peer, Target? Target)[] Targets,
    Target? CpuTarget) : IScenario
{
    private const int ShortShare = 2;

    private static readonly string[] WarmUp = ["--Posts=5000", "--Posters=16", "--Window=16"];

    /// <summary>Posts each change once all subscribers have received the one before.</summary>
    public static FanOut OneAtATime { get; } = new(
        "fanout",
        "one change at a time to 1,000 subscribers",
        Posts: 200,
        ["--Window=1"],
        [
            ("flush", Target.AtLeast(0.9)), ("coalesce", Target.AtLeast(1.4)), ("frame", null),
            ("signalr", Target.AtLeast(2)),
        ],
        CpuTarget: null);

    /// <summary>16 connections, each posting one change at a time.</summary>
    public static FanOut InFlight { get; } = new(
        "inflight",
        "16 changes in flight, over 16 connections",
        Posts: 2000,
        ["--Window=16", "--Posters=16"],
        [("flush", Target.AtLeast(0.85)), ("coalesce", Target.AtLeast(2)), ("frame", null), ("signalr", null)],
        Target.AtMost(0.6));

    /// <summary>One connection that posts up to 16 changes before the first response.</summary>
    public static FanOut Pipelined { get; } = new(
        "pipelined",
        "16 changes in flight, pipelined on one connection",
        Posts: 2000,
        ["--Window=16", "--Pipelined=16"],
        [("flush", Target.AtLeast(0.85)), ("coalesce", Target.AtLeast(2))],
        Target.AtMost(0.6));

    public async Task<IReadOnlyList<Result>> RunAsync(Bench bench)
    {
        // The short run measures one peer only.
        var targets = bench.IsShort ? Targets[..1] : Targets;
        var servers = new List<MeasuredServer> { await bench.StartKaffediemAsync() };
        try
        {
            foreach (var (peer, _) in targets)
            {
                servers.Add(await MeasuredServer.StartPeerAsync(peer));
            }

            // At a hundred changes a second the JIT would take minutes to optimize the server; a broadcaster has less
            // code.
            await bench.LoadAsync(Name, servers[0], [.. Audience.FromNowOn(), .. WarmUp]);
            var rounds = await Interleaved.MeasureAsync(bench, Name, servers, server => MeasureAsync(bench, server));
            return [.. Results(rounds, targets)];
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
        }
    }

    private async Task<PostReport> MeasureAsync(Bench bench, MeasuredServer server)
    {
        var posts = bench.IsShort ? Posts / ShortShare : Posts;
        var report = await bench.LoadAsync(
            Name, server, [.. Audience.FromNowOn(), $"--Posts={posts}", .. Plan]);
        // SignalR does not keep the order of concurrent sends. Guarantees that a peer lacks are part of the comparison.
        return report.Posting is { } posting
            && (posting.IsComplete || (server.Name != MeasuredServer.Kaffediem && posting.HasReachedAll))
            ? posting
            : throw new InvalidOperationException(
                $"{server.Name} did not deliver every change to every subscriber: {report.Posting}");
    }

    private IEnumerable<Result> Results(
        Dictionary<string, List<PostReport>> rounds, (string Peer, Target? Target)[] targets)
    {
        var own = rounds[MeasuredServer.Kaffediem];
        foreach (var (peer, target) in targets)
        {
            yield return new Result
            {
                What = What,
                Unit = "deliveries/s",
                Figure = Median.Of(own, round => round.DeliveriesPerSecond),
                Peer = peer,
                PeerFigure = Median.Of(rounds[peer], round => round.DeliveriesPerSecond),
                Target = target,
            };
        }

        yield return new Result
        {
            What = $"{What}: server CPU",
            Unit = "µs/delivery",
            Figure = Median.Of(own, round => round.CpuPerDelivery),
            Target = CpuTarget,
        };
    }
}
