using System.Runtime.Versioning;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Soak;

/// <summary>
/// For hours, 2,000 clients come, go, join and write. Neither memory nor handles grow, the server logs no unexpected
/// warning, and each client receives every change once. The long form takes an hour, the full form five minutes;
/// <c>KAFFEDIEM_TESTS_MINUTES</c> sets any other time. The quick form has 60 clients and shows only that nothing grows
/// by megabytes.
/// </summary>
[Experiment("Soak")]
[SupportedOSPlatform("linux")]
public sealed class SoakTests(ITestOutputHelper output)
{
    private const long Megabyte = 1 << 20;

    // What is referred to is told exactly. At two rests it differs by what happens to be kept for the next one who
    // asks, up to 64 snapshots, of which one of all orders has a quarter of a megabyte: measured without a leak, up to
    // 1.4 MB.
    private const long ObjectsMayGrow = 4 * Megabyte;

    // What else a process holds hangs on when its runtime gives back what: measured without a leak, up to 12 MB between
    // rests. So does what Kestrel keeps in its pool, by how many came or went at the same moment.
    private const long MayGrow = 24 * Megabyte;

    // What SQLite keeps in memory of what is written, each connection for itself: up to 16 MB for the writer, 2 MB for
    // each of four readers.
    private const long WriterKeeps = 16 * Megabyte;
    private const long ReaderKeeps = 2 * Megabyte;
    private const int Readers = 4;

    private static readonly int Guests = TestSettings.Pick(quick: 60, full: 2000, @long: 2000);

    // A client's and a server's, and what else a test run has open.
    private static readonly int HandlesNeeded = 3 * Guests;

    // The quick form's first crowd has gone before all of SQLite's readers have opened their files.
    private static readonly int HandlesMayGrow = TestSettings.Pick(
        quick: SoakRun.FilesOpenedLater, full: 4, @long: 4);

    // With the second crowd there.
    private static readonly int HandlesMayVary = TestSettings.Pick(
        quick: 2 * SoakRun.FilesOpenedLater, full: Guests / 20, @long: Guests / 20);

    private static readonly TimeSpan LongestFirstCrowd = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan LongestRests = TimeSpan.FromMinutes(2);

    // The test must not rot into one that proves less.
    private static readonly string[] Exercised =
    [
        "connections", "writes", "images", "signed in", "said goodbye", "reset", "hung up", "vanished", "joins",
        "joins with a filter", "joins since Last, recovered: True", "joins refused", "screens compared at the end",
    ];

    [Fact]
    public async Task However_many_come_and_go_nothing_grows_and_nobody_misses_anything()
    {
        Assert.True(
            ProcessState.MaxHandles() >= HandlesNeeded,
            $"{Guests} clients need {HandlesNeeded} open files (ulimit -n), "
                + $"and only {ProcessState.MaxHandles()} may be.");
        var (seed, time) = (TestSettings.Seed, TestSettings.Time(
            quick: TimeSpan.FromSeconds(28), full: TimeSpan.FromMinutes(5), @long: TimeSpan.FromHours(1)));
        Tell($"{TestSettings.Repeat}: {time.TotalMinutes:F1} minutes");
        using var run = new SoakRun(seed, Guests, Tell) { Progress = time / 10 };
        try
        {
            await RunAsync(run, time);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{TestSettings.Repeat}: {exception.Message}", exception);
        }
    }

    private async Task RunAsync(SoakRun run, TimeSpan time)
    {
        await run.StartAsync();
        var resting = time / 4 < LongestRests ? time / 4 : LongestRests;
        var first = time / 4 < LongestFirstCrowd ? time / 4 : LongestFirstCrowd;
        await run.CrowdAsync(first, isMeasured: false);
        var (connections, writes, stored) = (run.Tally.Of("connections"), run.Tally.Of("writes"), run.DatabaseBytes);
        await run.CrowdAsync(time - resting - first, isMeasured: true);
        connections = run.Tally.Of("connections") - connections;
        writes = run.Tally.Of("writes") - writes;
        stored = run.DatabaseBytes - stored;
        Tell($"processor time: {run.ServerTime.TotalSeconds:F0} s in the server, "
            + $"{Environment.CpuUsage.TotalTime.TotalSeconds:F0} s here");
        await run.StopAsync();

        Tell($"{run.Tally}\n{run.Log.Lines} lines in the log, {run.Log.ExpectedWarnings} of them expected warnings; "
            + $"{run.Told.Compared} times what was told was compared with the change log");
        Tell(
            $"the second crowd: {connections} connections, {writes} writes; "
                + $"the database has grown by {stored >> 10} KB");
        Judge("objects", run, it => it.Live!.Value, ObjectsMayGrow, connections, writes);
        Judge("all memory", run, it => it.Held, MayGrow + Kept(stored), connections, writes);
        JudgeHandles(run);
        Assert.Equal(0, run.Tally.Of("joins since Last, recovered: False"));
        if (!TestSettings.IsQuick)
        {
            run.Tally.AssertExercised(Exercised);
        }
    }

    private void Judge(
        string what, SoakRun run, Func<ProcessState, long> bytes, long mayGrow, long connections, long writes)
    {
        var grown = bytes(run.AtRest[^1]) - bytes(run.AtRest[^2]);
        var growth = Growth.Of([.. run.Samples.Select(it => (it.At, (double)bytes(it.State)))]);
        Tell(
            $"{what}, at rest: {string.Join(", ", run.AtRest.Select(it => bytes(it) >> 10))} KB; with {Guests} "
            + "clients: "
            + $"{string.Join(", ", run.Samples.Select(it => bytes(it.State) >> 10))} KB, "
            + $"{Kilobytes(growth.PerHour)} an hour, {Kilobytes(growth.Total)} in all, "
            + $"±{Kilobytes(growth.Uncertainty)}");
        Tell($"may grow by {mayGrow >> 10} KB: "
            + $"a leak of {mayGrow / connections} bytes a connection or {mayGrow / writes} bytes a write is found");
        Assert.True(
            grown <= mayGrow, $"{what}: everybody has gone, and there are {grown >> 10} KB more than the last time.");
        Assert.True(
            growth.Total <= mayGrow + growth.Uncertainty,
            $"{what}: with as many clients as before there is more: {growth}");
    }

    private void JudgeHandles(SoakRun run)
    {
        var growth = Growth.Of([.. run.Samples.Select(it => (it.At, (double)it.State.Handles))]);
        Tell($"handles, threads at rest: {string.Join("; ", run.AtRest.Select(it => $"{it.Handles}, {it.Threads}"))}; "
            + $"handles with {Guests} clients: {growth.Total:F0} in all, ±{growth.Uncertainty:F0}");
        Assert.True(
            run.AtRest[^1].Handles <= run.AtRest[^2].Handles + HandlesMayGrow,
            "Everybody has gone, and there are more handles than the last time.");
        Assert.True(
            growth.Total <= HandlesMayVary + growth.Uncertainty,
            $"With as many clients as before there are more handles: {growth}");
    }

    private static long Kept(long stored) => Math.Min(stored, WriterKeeps) + (Readers * Math.Min(stored, ReaderKeeps));

    private static string Kilobytes(double bytes) => $"{bytes / 1024:F0} KB";

    private void Tell(string what) => output.Tell("Soak", what);
}
