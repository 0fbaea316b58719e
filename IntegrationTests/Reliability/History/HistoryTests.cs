using System.Diagnostics;
using Kaffediem.IntegrationTests.Realtime.Property;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>
/// docs/design.md, "What must always be true": never miss, never double, a broadcast is a commit, the stock client
/// always comes back. Ten screens and six tills, some over links that are reset, slow, or pass nothing in one
/// direction, and a server that is killed, stopped and drained: everything they do and are told is recorded, and the
/// history is held against the change log by <see cref="HistoryCheck"/>.
/// A failure names its seed.
/// </summary>
[Experiment("History")]
public sealed class HistoryTests(ITestOutputHelper output)
{
    private const int EnoughRounds = 40;

    // Then another shop: its history is kept and checked as a whole.
    private const int RoundsPerShop = 20;

    // The test must not rot into one that proves less.
    private static readonly string[] Exercised =
    [
        "kill -9", "kill -9 of the stopped server", "SIGSTOP", "SIGCONT", "SIGTERM",
        "links reset", "slow links", "nothing goes up", "nothing comes down",
        "writes acknowledged", "writes not answered", "writes never acknowledged that were committed",
        "records read after an acknowledgement", "fresh joins after an acknowledgement",
        "joins", "joins since Last, recovered: True", "joins since Last, recovered: False",
        "changes told", "changes replayed", "screens told 1012", "quiet moments",
    ];

    private readonly Tally _tally = new();
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private TimeSpan _slowest;

    [Fact]
    public async Task Whatever_befalls_the_server_and_the_links_what_everybody_is_told_is_the_log_in_its_order()
    {
        var (seed, rounds) = (TestSettings.Seed, TestSettings.Rounds(quick: 5, full: 40, @long: 800));
        Tell($"{TestSettings.Repeat}: {rounds} rounds");
        for (var done = 0; done < rounds; done += RoundsPerShop)
        {
            await RunAsync(seed, done, Math.Min(RoundsPerShop, rounds - done));
        }

        Tell($"{_tally}");
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
        Tell(
            $"{done + rounds} rounds in {_time.Elapsed.TotalSeconds:F0} s; the slowest convergence "
                + $"{_slowest.TotalSeconds:F2} s");
    }

    private void Tell(string what) => output.Tell("History", what);
}
