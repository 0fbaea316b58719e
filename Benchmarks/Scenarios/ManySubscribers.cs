using Kaffediem.Benchmarks.Load;
using Kaffediem.Benchmarks.Processes;
using Kaffediem.Benchmarks.Reporting;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>16 changes in flight to 10,000 subscribers: a delivery should not cost more than with 1,000.</summary>
internal sealed class ManySubscribers : IScenario
{
    private const string Few = "1,000 subscribers";

    public string Name => "many";

    public async Task<IReadOnlyList<Result>> RunAsync(Bench bench)
    {
        using var server = await bench.StartKaffediemAsync();
        var (few, many) = (new List<PostReport>(), new List<PostReport>());
        for (var round = 0; round <= bench.Rounds; round++)
        {
            bench.ReportRound(Name, round);
            few.Add(await MeasureAsync(bench, server, subscribers: 1000, posts: 2000));
            many.Add(await MeasureAsync(bench, server, subscribers: 10_000, posts: 200));
        }

        return
        [
            new Result
            {
                What = "16 changes in flight to 10,000 subscribers: server CPU",
                Unit = "µs/delivery",
                Figure = Median.Of(many[1..], round => round.CpuPerDelivery),
                Peer = Few,
                PeerFigure = Median.Of(few[1..], round => round.CpuPerDelivery),
                Target = Target.AtMost(1.15),
            },
        ];
    }

    private async Task<PostReport> MeasureAsync(Bench bench, MeasuredServer server, int subscribers, int posts)
    {
        var report = await bench.LoadAsync(
            Name,
            server,
            [
                .. Audience.FromNowOn(), $"--Subscribers={subscribers}", $"--Posts={posts}", "--Posters=16",
                "--Window=16",
            ]);
        return report.Posting is { IsComplete: true } posting
            ? posting
            : throw new InvalidOperationException($"Not everything was delivered: {report.Posting}");
    }
}
