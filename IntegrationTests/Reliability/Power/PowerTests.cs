using System.Diagnostics;
using Kaffediem.IntegrationTests.Protocol.Fuzz;
using Kaffediem.IntegrationTests.Reliability.Kill;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Sqlite.Maintenance;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kaffediem.IntegrationTests.Reliability.Power;

/// <summary>
/// docs/design.md, "What must always be true": at the default settings an acknowledged write survives power loss. A
/// server's log is cut wherever a power cut may cut it, and the server's own code opens what is left.
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
    public async Task Wherever_the_log_ends_what_was_acknowledged_by_then_is_there_and_nothing_by_half(
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
        Tell($"{tills} tills, {log}: {recording.Count} writes acknowledged, {cuts}");
    }

    [Fact]
    public async Task Without_FullSync_the_last_writes_may_be_lost_and_the_seqs_that_clients_have_expire()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        var start = DiskState.Read(shop.Database, afterSeq: 0);
        var recording = await Recording.MakeAsync(shop, fullSync: false, tills: 4, _seed);

        var cuts = ForEachCut(recording, (cut, random) =>
        {
            Write(recording, cut, random);
            // Whatever the setting is by now.
            Assert.NotEqual(recording.Epoch, Open(fullSync: random.OneIn(2)));
            var (acknowledged, notYet) = recording.At(cut.Length);
            AssertNothing(Find(start, [], [.. acknowledged, .. notYet]), cut);
        });

        Tell($"FullSync off: {recording.Count} writes acknowledged, {cuts}");
    }

    [Fact]
    public async Task After_a_power_cut_without_FullSync_who_comes_back_gets_everything()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        var recording = await Recording.MakeAsync(shop, fullSync: false, tills: 1, _seed);
        Write(recording, new Cut(recording.Served, Tail.Missing), new FuzzRandom(_seed));

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
    public async Task A_log_that_lacks_an_acknowledged_write_would_be_found()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        var start = DiskState.Read(shop.Database, afterSeq: 0);
        var recording = await Recording.MakeAsync(shop, fullSync: true, tills: 1, _seed);
        var (acknowledged, notYet) = recording.At(recording.Wal.End);
        Write(recording, new Cut(recording.Wal.EndOf(recording.Wal.Frames / 2), Tail.Missing), new FuzzRandom(_seed));
        Open(fullSync: true);

        Assert.Contains(
            Find(start, acknowledged, notYet),
            fault => fault.EndsWith("was acknowledged and is gone", StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <returns>How many there were, in how long.</returns>
    private string ForEachCut(Recording recording, Action<Cut, FuzzRandom> test)
    {
        var (random, time, count) = (new FuzzRandom(_seed), Stopwatch.StartNew(), 0);
        foreach (var cut in Cut.All(recording, random))
        {
            test(cut, random);
            count++;
        }

        Assert.True(count > recording.Wal.Frames, $"Only {count} cuts of {recording.Wal.Frames} frames.");
        return $"{count} cuts of {recording.Wal.Frames} frames in {time.Elapsed.TotalSeconds:F0} s";
    }

    private void Write(Recording recording, Cut cut, FuzzRandom random)
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

    private static void AssertNothing(List<string> faults, Cut cut) => Assert.True(
        faults.Count == 0, $"{TestSettings.Repeat}, {cut}: {string.Join('\n', faults.Take(5))}");

    private void Tell(string what)
    {
        output.Tell("Power", $"{TestSettings.Repeat}: {what}");
    }
}
