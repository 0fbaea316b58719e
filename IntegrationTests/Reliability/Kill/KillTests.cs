using System.Diagnostics;
using Kaffediem.IntegrationTests.Realtime.Property;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Kill;

/// <summary>
/// docs/design.md, "What must always be true": a broadcast is a commit, and an acknowledged write survives
/// <c>kill -9</c>. The built server is killed at random moments while tills write and screens watch, and started again.
/// Each acknowledged write is there, each other one wholly or not at all, the log has each once and has no gap, the
/// file is sound, and every screen shows what the server has without a reload, also those that missed a commit's
/// broadcast. A failure names its seed.
/// </summary>
[Experiment("Kill")]
public sealed class KillTests(ITestOutputHelper output)
{
    private const int EnoughRounds = 50;

    // Then another database: this one grows, and all of it is read after every crash.
    private const int RoundsPerShop = 50;

    // The test must not rot into one that proves less.
    private static readonly string[] Exercised =
    [
        "writes acknowledged", "writes in doubt", "writes in doubt that were committed", "convergences",
        "screens that missed something",
        "kills after a number of writes",
        "starts into writing",
        "starts that were killed",
        "joins", "joins since Last, recovered: True", "joins since Last, recovered: False", "changes replayed",
    ];

    private readonly Tally _tally = new();
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private TimeSpan _starting;
    private TimeSpan _slowest;

    [Fact]
    public async Task Killed_at_any_moment_it_has_what_it_acknowledged_and_every_screen_comes_to_show_it()
    {
        var (seed, rounds) = (TestSettings.Seed, TestSettings.Rounds(quick: 5, full: 200, @long: 1000));
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
        await using var run = await KillRun.StartAsync(seed + (ulong)done, _tally);
        try
        {
            await run.RunAsync(rounds);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"{TestSettings.Repeat}, after {done + run.Rounds} rounds: {exception.Message}", exception);
        }

        _starting += run.Starting;
        _slowest = run.SlowestConvergence > _slowest ? run.SlowestConvergence : _slowest;
        Tell(
            $"{done + rounds} rounds in {_time.Elapsed.TotalSeconds:F0} s, of which starting "
            + $"{_starting.TotalSeconds:F0} s; "
            + $"the slowest convergence {_slowest.TotalSeconds:F2} s after the server listened");
    }

    private void Tell(string what) => output.Tell("Kill", what);
}
