using Kaffediem.Benchmarks.Linux;
using Kaffediem.Benchmarks.Load;
using Kaffediem.Benchmarks.Reporting;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>As many orders as the server accepts, while each is broadcast to 1,000 subscribers.</summary>
internal sealed class OrdersHeard : IScenario
{
    private const string What = "orders over REST, 64 connections, 1,000 subscribers";
    private const int WarmUpPosts = 15_000;
    private const int Posts = 10_000;

    public string Name => "orders-heard";

    public async Task<IReadOnlyList<Result>> RunAsync(Bench bench)
    {
        using var server = await bench.StartKaffediemAsync();
        var reports = new List<PostReport>();
        var memory = new List<RssReport>();
        for (var round = 0; round <= bench.Rounds; round++)
        {
            bench.ReportRound(Name, round);
            var beforeKB = ProcessUsage.ResidentKB(server.Process.Id);
            var posts = round == 0 ? WarmUpPosts : Posts;
            var report = await bench.LoadAsync(
                Name, server, [.. Audience.FromNowOn(), "--Posters=64", $"--Posts={posts}"]);
            if (round > 0)
            {
                reports.Add(report.Posting ?? throw new InvalidOperationException("Nothing was posted."));
                memory.Add(new RssReport(beforeKB, ProcessUsage.ResidentKB(server.Process.Id)));
                bench.Record(Name, server.Name, memory[^1]);
            }
        }

        return [.. Results(reports, memory)];
    }

    private static IEnumerable<Result> Results(List<PostReport> reports, List<RssReport> memory)
    {
        yield return new Result
        {
            What = What,
            Unit = "orders/s",
            Figure = Median.Of(reports, report => report.PostsPerSecond),
        };
        yield return new Result
        {
            What = $"{What}: post to response, p99",
            Unit = "ms",
            Figure = Median.Of(reports, report => report.Answer.P99),
        };
        yield return new Result
        {
            What = $"{What}: post to last client, p99",
            Unit = "ms",
            Figure = Median.Of(reports, report => report.Last.P99),
        };
        // The sum of all rounds: a single lost delivery is one too many.
        yield return new Result
        {
            What = $"{What}: lost or out of order",
            Unit = "deliveries",
            Figure = reports.Max(report => report.Expected - report.Deliveries + report.OutOfOrder),
            Target = Target.AtMost(0),
        };
        yield return Memory("before", Median.Of(memory, round => round.BeforeKB));
        yield return Memory("after", Median.Of(memory, round => round.AfterKB));
        yield return Memory("peak", reports[^1].PeakKB);
    }

    private static Result Memory(string when, double kilobytes) =>
        new() { What = $"{What}: server RSS {when}", Unit = "MB", Figure = kilobytes / 1024 };

    /// <summary>
    /// The server's resident memory in KB, before the subscribers of a round connect and after they have left.
    /// </summary>
    private sealed record RssReport(long BeforeKB, long AfterKB);
}
