using System.Diagnostics;
using Kaffediem.Benchmarks.Load;
using Kaffediem.Benchmarks.Peers;
using Kaffediem.Benchmarks.Processes;
using Kaffediem.Benchmarks.Reporting;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>Orders over REST, each acknowledged after its commit, against raw inserts of the same rows.</summary>
internal sealed class Orders : IScenario
{
    private const string What = "orders over REST, 64 connections";
    private const int WarmUpPosts = 60_000;
    private const int Posts = 30_000;
    private const int Batch = 64;

    // Each single insert waits for the disk.
    private const int Singles = 2000;

    private const double MaxP99Milliseconds = 20;

    // Half of SQLite's own rate, but at most 10,000 a second.
    private const double ShareOfRaw = 0.5;
    private const double MaxPerSecond = 10_000;

    public string Name => "orders";

    public async Task<IReadOnlyList<Result>> RunAsync(Bench bench)
    {
        using var server = await bench.StartKaffediemAsync();
        using var raw = RawInserts.Create(bench.NewDatabase());
        bench.ReportRound(Name, round: 0);
        // The same number in both files: the indexes of a larger file have more levels.
        await PostAsync(bench, server, WarmUpPosts);
        raw.Insert(WarmUpPosts, Batch);
        var posts = new List<PostReport>();
        var inserts = new List<InsertReport>();
        for (var round = 1; round <= bench.Rounds; round++)
        {
            bench.ReportRound(Name, round);
            posts.Add(await PostAsync(bench, server, Posts));
            inserts.Add(new InsertReport(PerSecond(raw, Posts, Batch), PerSecond(raw, Singles, batch: 1)));
            bench.Record(Name, "raw", inserts[^1]);
        }

        return [.. Results(posts, inserts)];
    }

    private async Task<PostReport> PostAsync(Bench bench, MeasuredServer server, int posts)
    {
        var report = await bench.LoadAsync(Name, server, "--Subscribers=0", "--Posters=64", $"--Posts={posts}");
        return report.Posting is { IsComplete: true } posting && posting.Answered == posts
            ? posting
            : throw new InvalidOperationException($"Not every order was accepted: {report.Posting}");
    }

    private static double PerSecond(RawInserts raw, int orders, int batch)
    {
        var start = Stopwatch.GetTimestamp();
        raw.Insert(orders, batch);
        return orders / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static IEnumerable<Result> Results(List<PostReport> posts, List<InsertReport> inserts)
    {
        var batched = Median.Of(inserts, round => round.BatchedPerSecond);
        var orders = new Result
        {
            What = What,
            Unit = "orders/s",
            Figure = Median.Of(posts, round => round.PostsPerSecond),
            Peer = $"raw, {Batch} per commit",
            PeerFigure = batched,
            Target = Target.AtLeast(Math.Min(ShareOfRaw, MaxPerSecond / batched)),
        };
        yield return orders;
        yield return orders with
        {
            Peer = "raw, 1 per commit",
            PeerFigure = Median.Of(inserts, round => round.SinglePerSecond),
            Target = null,
        };
        yield return new Result
        {
            What = $"{What}: post to response, p50",
            Unit = "ms",
            Figure = Median.Of(posts, round => round.Answer.P50),
        };
        yield return new Result
        {
            What = $"{What}: post to response, p99",
            Unit = "ms",
            Figure = Median.Of(posts, round => round.Answer.P99),
            Target = Target.AtMost(MaxP99Milliseconds),
        };
    }

    /// <summary>Rates of SQLite without a server.</summary>
    private sealed record InsertReport(double BatchedPerSecond, double SinglePerSecond);
}
