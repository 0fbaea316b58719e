using System.Security.Cryptography;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>
/// An attacker who can write to the backup folder creates links there to another user's file, under every name that can
/// be guessed, while one backup after another is made.
/// </summary>
internal sealed class LinksBesideBackups : IAttack
{
    private const string Content = "another user's file";
    private const int RandomDigits = 16; // as PartialFile

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private int _backups;

    public string Name => "links beside the backups";

    public bool IsUnderWay => Volatile.Read(ref _backups) > 0;

    public Task PrepareAsync(AttackedShop shop)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(VictimOf(shop))!);
        return File.WriteAllTextAsync(VictimOf(shop), Content);
    }

    public async Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop)
    {
        _backups = 0;
        using var last = new CancellationTokenSource();
        var planting = PlantAsync(shop, last.Token);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var run = await shop.Folder.RunAsync("backup", shop.Folder.Backup, "--force");
                Assert.Equal((0, ""), (run.ExitCode, run.Error));
                Interlocked.Increment(ref _backups);
            }
        }
        finally
        {
            await last.CancelAsync();
            await planting;
        }
    }

    public void Verify(AttackedShop shop, Answers answers)
    {
        Assert.Equal(Content, File.ReadAllText(VictimOf(shop)));
        Assert.Null(new FileInfo(shop.Folder.Backup).LinkTarget);
        Delete(LinksBeside(shop.Folder.Backup)); // SQLite would take them for the backup's own
        Assert.Equal("ok", SqliteFile.Query<string>(shop.Folder.Backup, "PRAGMA integrity_check").Single());
        var orders = SqliteFile.Query<long>(shop.Folder.Backup, """SELECT COUNT(*) FROM "order" """).Single();
        Assert.InRange(orders, YearOldShop.Orders, long.MaxValue);
    }

    // In a folder below the shop's, which is deleted with it.
    private static string VictimOf(AttackedShop shop) => shop.Folder.PathOf("elsewhere/victim");

    private static async Task PlantAsync(AttackedShop shop, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var random = RandomNumberGenerator.GetHexString(RandomDigits, lowercase: true);
            foreach (var name in LinksBeside(shop.Folder.Backup).Append($"{shop.Folder.Backup}.{random}.partial"))
            {
                Plant(name, VictimOf(shop));
            }

            await Task.WhenAny(Task.Delay(Pause, stop));
        }
    }

    private static string[] LinksBeside(string target) =>
        [$"{target}.partial", $"{target}-journal", $"{target}-wal", $"{target}-shm"];

    private static void Plant(string name, string victim)
    {
        try
        {
            File.CreateSymbolicLink(name, victim);
        }
        catch (IOException)
        {
            // The link exists already.
        }
    }

    private static void Delete(string[] links) => Array.ForEach(links, File.Delete);
}
