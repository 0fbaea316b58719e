using System.Diagnostics;
using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Shop.Tills;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Sqlite.Maintenance;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kaffediem.IntegrationTests.Reliability.Power;

/// <summary>
/// docs/design.md, "What must always be true": at the default settings an acknowledged write survives power loss. A
/// server's log is cut wherever a power cut may cut it, and the server's own code opens the rest.
/// The long form tries every kind of torn end at every place.
/// </summary>
[Experiment("Power")]
public sealed class PowerTests(ITestOutputHelper output) : IDisposable
{
    private readonly ulong _seed = TestSettings.Seed;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kaffediem-");

    private string CutDatabase => Path.Combine(_folder.FullName, "cut.db");

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(4, true)]
    public async Task Acknowledged_writes_survive_wherever_the_log_ends_and_no_write_is_there_by_half(
        int tills, bool inLaterGeneration)
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        var start = DiskState.Read(shop.Database, afterSeq: 0);
        var recording = await Recording.MakeAsync(shop, fullSync: true, tills, _seed, inLaterGeneration);

        var cuts = ForEachCut(recording, (cut, random) =>
        {
            Write(recording, cut, random);
            var epoch = Open(fullSync: true);
            var (acknowledged, notYet) = recording.At(cut.Length);
            AssertNothing(Find(start, acknowledged, notYet), cut);
            Assert.Equal(recording.Epoch, epoch);
        });

        var log = inLaterGeneration ? "log begun anew" : "first log";
        Report($"{tills} tills, {log}: {recording.Count} writes acknowledged, {cuts}");
    }

    [Fact]
    public async Task Without_FullSync_the_last_writes_may_be_lost_and_the_epoch_changes()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        var start = DiskState.Read(shop.Database, afterSeq: 0);
        var recording = await Recording.MakeAsync(shop, fullSync: false, tills: 4, _seed);

        var cuts = ForEachCut(recording, (cut, random) =>
        {
            Write(recording, cut, random);
            // Whatever the setting is now.
            Assert.NotEqual(recording.Epoch, Open(fullSync: random.OneIn(2)));
            var (acknowledged, notYet) = recording.At(cut.Length);
            AssertNothing(Find(start, [], [.. acknowledged, .. notYet]), cut);
        });

        Report($"FullSync off: {recording.Count} writes acknowledged, {cuts}");
    }

    [Fact]
    public async Task Client_that_returns_after_a_power_cut_without_FullSync_gets_a_snapshot()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        var recording = await Recording.MakeAsync(shop, fullSync: false, tills: 1, _seed);
        Write(recording, new LogCut(recording.Served, Tail.Missing), new SeededRandom(_seed));

        using var server = await ServerProcess.StartAsync(
            CutDatabase, ServerProcess.AsItIs, "--Database:FullSync=false");
        using var client = await WireClient.ConnectAsync(server.BaseAddress);
        var answer = await client.JoinAsync(
            "collection:order", payload: $$$"""{"since":{"epoch":"{{{recording.Epoch}}}","seq":3}}""");

        Assert.Equal("ok", answer.Status);
        Assert.False((bool)answer.Response!["recovered"]!);
        Assert.NotEqual(recording.Epoch, (string?)answer.Response["epoch"]);
    }

    [Fact]
    public async Task Log_without_an_acknowledged_write_is_found()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        var start = DiskState.Read(shop.Database, afterSeq: 0);
        var recording = await Recording.MakeAsync(shop, fullSync: true, tills: 1, _seed);
        var (acknowledged, notYet) = recording.At(recording.Wal.End);
        var half = new LogCut(recording.Wal.EndOf(recording.Wal.Frames / 2), Tail.Missing);
        Write(recording, half, new SeededRandom(_seed));
        Open(fullSync: true);

        Assert.Contains(
            Find(start, acknowledged, notYet),
            fault => fault.EndsWith("was acknowledged and is gone", StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <returns>A report: how many cuts, in how long.</returns>
    private string ForEachCut(Recording recording, Action<LogCut, SeededRandom> test)
    {
        var (random, time, count) = (new SeededRandom(_seed), Stopwatch.StartNew(), 0);
        foreach (var cut in LogCut.All(recording, random))
        {
            test(cut, random);
            count++;
        }

        Assert.True(count > recording.Wal.Frames, $"Only {count} cuts of {recording.Wal.Frames} frames.");
        return $"{count} cuts of {recording.Wal.Frames} frames in {time.Elapsed.TotalSeconds:F0} s";
    }

    private void Write(Recording recording, LogCut cut, SeededRandom random)
    {
        File.Delete(CutDatabase + "-shm");
        File.WriteAllBytes(CutDatabase, recording.Database);
        File.WriteAllBytes(CutDatabase + "-wal", cut.Apply(recording, random));
    }

    /// <returns>The epoch.</returns>
    private string Open(bool fullSync)
    {
        using var database = Database.Open(
            new DatabaseOptions { Path = CutDatabase, FullSync = fullSync },
            TimeProvider.System,
            NullLogger<Database>.Instance);
        return database.Epoch;
    }

    private List<string> Find(DiskState start, IReadOnlyList<ShopWrite> acknowledged, IReadOnlyList<ShopWrite> inDoubt)
    {
        var check = new CrashCheck(start);
        var disk = DiskState.Read(CutDatabase, check.LastSeq);
        return
        [
            .. check.Find(acknowledged, inDoubt, disk),
            .. DatabaseCheck.Run(new DatabaseOptions { Path = CutDatabase }).Problems,
        ];
    }

    private static void AssertNothing(List<string> faults, LogCut cut) => Assert.True(
        faults.Count == 0, $"{TestSettings.Repeat}, {cut}: {string.Join('\n', faults.Take(5))}");

    private void Report(string what)
    {
        output.Report("Power", $"{TestSettings.Repeat}: {what}");
    }
}

/// <summary>The bytes that a disk may have in place of unsynced ones.</summary>
internal enum Tail
{
    /// <summary>The file ends there.</summary>
    Missing,

    /// <summary>The file kept its length, but the bytes were not written.</summary>
    Zeros,

    /// <summary>Other data.</summary>
    Garbage,

    /// <summary>The bytes from before the log restarted.</summary>
    Stale,
}

/// <summary>Up to where the log is on the disk, and what follows.</summary>
internal sealed record LogCut(long Length, Tail Tail)
{
    /// <summary>A cut at the end of every frame, and one somewhere in each.</summary>
    public static IEnumerable<LogCut> All(Recording recording, SeededRandom random)
    {
        var wal = recording.Wal;
        Tail[] tails = recording.Stale.Length == 0
            ? [Tail.Missing, Tail.Zeros, Tail.Garbage]
            : [Tail.Missing, Tail.Zeros, Tail.Garbage, Tail.Stale];
        for (var frames = 0; frames <= wal.Frames; frames++)
        {
            long[] lengths = [wal.EndOf(frames), wal.EndOf(frames) + 1 + random.Below(wal.FrameSize - 1)];
            foreach (var length in lengths.Where(it => it >= recording.Served && it <= recording.Log.Length))
            {
                foreach (var tail in TestSettings.IsLong ? tails : [random.Pick<Tail>(tails)])
                {
                    yield return new LogCut(length, tail);
                }
            }
        }
    }

    /// <summary>The log after the cut.</summary>
    public byte[] Apply(Recording recording, SeededRandom random)
    {
        var (kept, rest) = (recording.Log[..(int)Length], recording.Log.Length - (int)Length);
        return Tail switch
        {
            Tail.Missing => kept,
            Tail.Zeros => [.. kept, .. new byte[rest]],
            Tail.Garbage => [.. kept, .. random.Bytes(rest)],
            _ => [.. kept, .. recording.Stale.AsSpan(Math.Min((int)Length, recording.Stale.Length))],
        };
    }
}
