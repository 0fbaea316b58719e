using System.Diagnostics;
using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>
/// docs/design.md, "What must always be true": never miss, never double, a broadcast is a commit, the stock client
/// always comes back. Ten screens and six tills, some over links that are reset, slow, or blocked in one direction; a
/// server that is killed, stopped and drained. Everything they do and receive is recorded, and <see
/// cref="HistoryCheck"/> checks the history against the change log. A failure names its seed.
/// </summary>
[Experiment("History")]
public sealed class HistoryTests(ITestOutputHelper output)
{
    private const int EnoughRounds = 40;

    // Then a new shop: each history is kept and checked as a whole.
    private const int RoundsPerShop = 20;

    // The run must not silently stop covering a case.
    private static readonly string[] Exercised =
    [
        "kill -9", "kill -9 of the stopped server", "SIGSTOP", "SIGCONT", "SIGTERM",
        "links reset", "slow links", "nothing goes up", "nothing comes down",
        "writes acknowledged", "writes not answered", "writes never acknowledged that were committed",
        "records read after an acknowledgement", "fresh joins after an acknowledgement",
        "joins", "joins since Last, recovered: True", "joins since Last, recovered: False",
        "changes received", "changes replayed", "screens closed with 1012", "quiet moments",
    ];

    private readonly Tally _tally = new();
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private TimeSpan _slowest;

    [Fact]
    public async Task Every_client_receives_the_log_in_order_whatever_happens_to_server_and_links()
    {
        var (seed, rounds) = (TestSettings.Seed, TestSettings.Rounds(quick: 5, full: 40, @long: 800));
        Report($"{TestSettings.Repeat}: {rounds} rounds");
        for (var done = 0; done < rounds; done += RoundsPerShop)
        {
            await RunAsync(seed, done, Math.Min(RoundsPerShop, rounds - done));
        }

        Report($"{_tally}");
        if (rounds >= EnoughRounds)
        {
            _tally.AssertExercised(Exercised);
        }
    }

    private async Task RunAsync(ulong seed, int done, int rounds)
    {
        await using var run = await HistoryRun.StartAsync(seed + (ulong)done, _tally);
        string? fault;
        try
        {
            await run.RunAsync(rounds);
            fault = run.Check();
        }
        catch (Exception exception)
        {
            await run.AbortAsync();
            fault = $"{exception}\nThe history: {run.Check() ?? "breaks no rule"}";
        }

        Assert.True(fault is null, $"{TestSettings.Repeat}, after {done + run.Rounds} rounds: {fault}");
        _slowest = run.SlowestConvergence > _slowest ? run.SlowestConvergence : _slowest;
        Report(
            $"{done + rounds} rounds in {_time.Elapsed.TotalSeconds:F0} s; the slowest convergence "
                + $"{_slowest.TotalSeconds:F2} s");
    }

    private void Report(string what) => output.Report("History", what);
}
