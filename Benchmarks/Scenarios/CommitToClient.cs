using Kaffediem.Benchmarks.Load;
using Kaffediem.Benchmarks.Reporting;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>
/// How soon 1,000 subscribers know of an order, at 50 a second. Measured from the post, which a client sees, and not
/// from the commit within it: the figures have the request and the disk in them and are on the safe side.
/// </summary>
internal sealed class CommitToClient : IScenario
{
    private const string What = "50 orders/s to 1,000 subscribers, from the post";

    private static readonly string[] WarmUp = ["--Posts=5000", "--Posters=16", "--Window=16"];
    private static readonly string[] Measured = ["--Posts=500", "--Posters=4", "--Rate=50"];

    public string Name => "latency";

    public async Task<IReadOnlyList<Result>> RunAsync(Bench bench)
    {
        using var server = await bench.StartKaffediemAsync();
        var reports = new List<PostReport>();
        for (var round = 0; round <= bench.Rounds; round++)
        {
            bench.TellRound(Name, round);
            // At 50 a second the server would not be compiled for long: it is warmed up with more.
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
            Time("first client, p50", Median.Of(reports, report => report.First.P50), Target.AtMost(2)),
            Time("last client, p99", Median.Of(reports, report => report.Last.P99), Target.AtMost(15)),
            Time("answer, p50", Median.Of(reports, report => report.Answer.P50), target: null),
            Time("answer, p99", Median.Of(reports, report => report.Answer.P99), target: null),
        ];
    }

    private static Result Time(string what, double milliseconds, Target? target) =>
        new() { What = $"{What}: {what}", Unit = "ms", Figure = milliseconds, Target = target };
}
