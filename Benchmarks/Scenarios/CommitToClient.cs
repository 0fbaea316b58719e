using Kaffediem.Benchmarks.Load;
using Kaffediem.Benchmarks.Reporting;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>
/// The time until 1,000 subscribers have received an order, at 50 orders a second. It is measured from the post, as a
/// client sees it, and not from the commit: the figures include the request and the disk, and so are on the safe side.
/// </summary>
internal sealed class CommitToClient : IScenario
{
    private const string What = "50 orders/s to 1,000 subscribers";

    private static readonly string[] WarmUp = ["--Posts=5000", "--Posters=16", "--Window=16"];
    private static readonly string[] Measured = ["--Posts=500", "--Posters=4", "--Rate=50"];

    public string Name => "latency";

    public async Task<IReadOnlyList<Result>> RunAsync(Bench bench)
    {
        using var server = await bench.StartKaffediemAsync();
        var reports = new List<PostReport>();
        for (var round = 0; round <= bench.Rounds; round++)
        {
            bench.ReportRound(Name, round);
            // At 50 a second the JIT would take long to optimize the server, so the warm-up posts faster.
            var report = await bench.LoadAsync(
                Name, server, [.. Audience.FromNowOn(), .. round == 0 ? WarmUp : Measured]);
            if (report.Posting is not { IsComplete: true } posting)
            {
                throw new InvalidOperationException($"Not everything was delivered: {report.Posting}");
            }

            if (round > 0)
            {
                reports.Add(posting);
            }
        }

        return
        [
            Time("post to first client, p50", Median.Of(reports, report => report.First.P50), Target.AtMost(2)),
            Time("post to last client, p99", Median.Of(reports, report => report.Last.P99), Target.AtMost(15)),
            Time("post to response, p50", Median.Of(reports, report => report.Answer.P50), target: null),
            Time("post to response, p99", Median.Of(reports, report => report.Answer.P99), target: null),
        ];
    }

    private static Result Time(string what, double milliseconds, Target? target) =>
        new() { What = $"{What}: {what}", Unit = "ms", Figure = milliseconds, Target = target };
}
