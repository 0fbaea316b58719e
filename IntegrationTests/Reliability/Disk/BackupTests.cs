using System.Diagnostics;
using System.Runtime.Versioning;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Disk;

/// <summary>
/// <c>Server backup</c>, run as the built program, online, with SQLite's backup API, verified: a file with the backup's
/// name is always complete.
/// </summary>
[Experiment("Disk")]
[SupportedOSPlatform("linux")]
public sealed class BackupTests
{
    [Fact]
    public async Task Backup_beside_a_writing_server_is_intact_and_has_every_write_acknowledged_before()
    {
        using var shop = ShopFolder.WithSample();
        using var server = await shop.ServeAsync();
        using var client = server.CreateClient();
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(_ => PlaceAsync(server, stop.Token)).ToArray();
        for (var round = 0; round < 3; round++)
        {
            var acknowledged = (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder))
                .Is(201)
                .GetProperty("id")
                .GetInt64();

            var backup = await shop.RunAsync("backup", shop.Backup, "--force");

            Assert.Equal((0, ""), (backup.ExitCode, backup.Error));
            var last = SqliteFile.Query<long>(shop.Backup, "SELECT MAX(seq) FROM change_log").Single();
            Assert.Contains($"up to change {last}. The copy was checked.", backup.Output, StringComparison.Ordinal);
            Assert.Contains(acknowledged, SqliteFile.Query<long>(shop.Backup, "SELECT id FROM \"order\""));
            var check = await shop.CheckAsync(shop.Backup);
            Assert.Equal((0, ""), (check.ExitCode, check.Error));
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal(["backup.db", "shop.db"], shop.Files);
    }

    [Fact]
    public async Task Backup_is_one_file_as_private_as_the_database_which_it_does_not_change()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        File.SetUnixFileMode(shop.Database, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var before = await File.ReadAllBytesAsync(shop.Database);

        Assert.Equal(0, (await shop.RunAsync("backup", "backup.db")).ExitCode);

        Assert.Equal(["backup.db", "shop.db"], shop.Files);
        Assert.Equal(before, await File.ReadAllBytesAsync(shop.Database));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(shop.Backup));
        Assert.Equal(ShopFolder.Dump(shop.Database), ShopFolder.Dump(shop.Backup));
    }

    [Fact]
    public async Task Log_of_a_killed_server_is_in_the_backup_and_stays_as_it_is()
    {
        using var shop = ShopFolder.WithSample();
        using var server = await shop.ServeAsync();
        using var client = server.CreateClient();
        (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201);
        await server.KillAsync();
        var log = new FileInfo(shop.Database + "-wal").Length;

        var backup = await shop.RunAsync("backup", shop.Backup);

        Assert.Contains("up to change 1.", backup.Output, StringComparison.Ordinal);
        Assert.Equal([1], SqliteFile.Query<long>(shop.Backup, "SELECT seq FROM change_log"));
        Assert.Equal(log, new FileInfo(shop.Database + "-wal").Length);
    }

    [Fact]
    public async Task Existing_file_is_replaced_only_with_force()
    {
        using var shop = ShopFolder.WithSample();
        await File.WriteAllTextAsync(shop.Backup, "the only backup there is");

        var refused = await shop.RunAsync("backup", shop.Backup);

        Assert.Equal((1, $"{shop.Backup} exists already; --force replaces it.\n"), (refused.ExitCode, refused.Error));
        Assert.Equal("the only backup there is", await File.ReadAllTextAsync(shop.Backup));
        Assert.Equal(0, (await shop.RunAsync("backup", shop.Backup, "--force")).ExitCode);
        Assert.Equal(ShopFolder.Dump(shop.Database), ShopFolder.Dump(shop.Backup));
    }

    [Theory]
    [InlineData("shop.db", "is the database itself")]
    [InlineData("link.db", "is the database itself")]
    [InlineData("folder", "is a folder")]
    [InlineData("none/backup.db", "none does not exist")]
    [InlineData("/proc/backup.db", "/proc/backup.db cannot be made")]
    public async Task Impossible_target_is_reported_in_one_line(string file, string reason)
    {
        using var shop = ShopFolder.WithSample();
        Directory.CreateDirectory(shop.PathOf("folder"));
        File.CreateSymbolicLink(shop.PathOf("link.db"), shop.Database);
        var before = shop.Files;

        var refused = await shop.RunAsync("backup", file, "--force");

        AssertRefused(refused, reason);
        Assert.Equal(before, shop.Files);
    }

    [Theory]
    [InlineData("UPDATE sqlite_sequence SET seq = 0", null)]
    [InlineData(
        "CREATE TABLE kaffediem_migrations (name TEXT); INSERT INTO kaffediem_migrations VALUES ('9999_future')",
        "newer Kaffediem")]
    [InlineData("DROP TABLE schema_migrations", "neither a Kaffediem nor a Kaffebase database")]
    public async Task Database_of_an_unknown_version_is_not_backed_up(string sql, string? reason)
    {
        using var shop = ShopFolder.WithSample();
        shop.Execute(sql);

        var backup = await shop.RunAsync("backup", shop.Backup);

        if (reason is null)
        {
            Assert.Equal((0, ""), (backup.ExitCode, backup.Error));
        }
        else
        {
            AssertRefused(backup, reason);
            Assert.Equal(["shop.db"], shop.Files);
        }
    }

    [Fact]
    public async Task Missing_database_is_not_backed_up()
    {
        using var shop = new ShopFolder();

        AssertRefused(await shop.RunAsync("backup", shop.Backup), "There is no database");
        Assert.Empty(shop.Files);
    }

    [Fact]
    public async Task Damaged_database_gives_no_backup_and_keeps_the_previous_one()
    {
        using var shop = ShopFolder.WithSample();
        Assert.Equal(0, (await shop.RunAsync("backup", shop.Backup)).ExitCode);
        var before = await File.ReadAllBytesAsync(shop.Backup);
        Damage.Table(shop.Database, "order");

        AssertRefused(
            await shop.RunAsync("backup", shop.Backup, "--force"), "The copy is damaged, and so may be the database");

        Assert.Equal(before, await File.ReadAllBytesAsync(shop.Backup));
        Assert.Equal(["backup.db", "shop.db"], shop.Files);
    }

    [Fact]
    public async Task Full_disk_keeps_the_previous_backup_and_nothing_else()
    {
        using var shop = ShopFolder.WithSample();
        await File.WriteAllTextAsync(shop.Backup, "the only backup there is");

        // 64 blocks of 512 bytes: less than the database needs.
        var refused = await shop.RunInShellAsync(
            "ulimit -f 64; " + ServerProcess.HearingOfLimits, "backup", shop.Backup, "--force");

        AssertRefused(refused, "has no room");
        Assert.Equal("the only backup there is", await File.ReadAllTextAsync(shop.Backup));
        Assert.Equal(["backup.db", "shop.db"], shop.Files);
    }

    [Fact]
    public async Task Missing_permission_is_reported()
    {
        using var shop = ShopFolder.WithSample();
        var folder = Directory.CreateDirectory(shop.PathOf("theirs"), UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var refused = await shop.RunInShellAsync(ServerProcess.BoundByRights, "backup", "theirs/backup.db");

        AssertRefused(
            refused,
            $"{shop.PathOf("theirs/backup.db")} cannot be made: may this user write to the folder "
                + $"{shop.PathOf("theirs")}?");
        Assert.Empty(folder.EnumerateFiles());
    }

    [Fact]
    public async Task Killed_backup_leaves_none_and_the_next_one_is_complete()
    {
        using var shop = ShopFolder.WithSample();
        shop.Grow(megabytes: 40);
        using (var process = Process.Start(ServerProcess.Command(
            Path.GetDirectoryName(shop.Database)!,
            ServerProcess.AsItIs,
            ["backup", "backup.db", "--DATABASE_PATH=shop.db"]))!)
        {
            Assert.StartsWith("Copied ", await process.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
            process.Kill();
            await process.WaitForExitAsync();
        }

        // If the backup exists, the kill came too late; then the backup must be complete, too.
        if (File.Exists(shop.Backup))
        {
            Assert.Equal(ShopFolder.Dump(shop.Database), ShopFolder.Dump(shop.Backup));
        }

        var backup = await shop.RunAsync("backup", shop.Backup, "--force");
        Assert.Equal((0, ""), (backup.ExitCode, backup.Error));
        Assert.DoesNotContain(shop.Files, name => name.Contains("partial", StringComparison.Ordinal));
        Assert.Equal(ShopFolder.Dump(shop.Database), ShopFolder.Dump(shop.Backup));
    }

    [Theory]
    [InlineData("The name of the backup's file is missing", "backup")]
    [InlineData("The name of the backup's file is missing", "restore")]
    [InlineData("One file is enough; b is one too many.", "backup", "a", "b")]
    [InlineData("The option --force is unknown", "restore", "a", "--force")]
    [InlineData("check accepts no file", "check", "a")]
    [InlineData("--Database:Path needs a value", "check", "--Database:Path", "--Database:FullSync=true")]
    public async Task Unknown_arguments_are_answered_with_the_usage(string mistake, params string[] words)
    {
        using var shop = ShopFolder.WithSample();

        var answer = await shop.RunAsync(words);

        Assert.Equal((2, ""), (answer.ExitCode, answer.Output));
        Assert.Contains(mistake, answer.Error.Split('\n')[0], StringComparison.Ordinal);
        Assert.Contains("Usage: Kaffediem.Server backup <file>", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("backup")]
    [InlineData("restore")]
    [InlineData("check")]
    public async Task Help_is_not_an_error(string word)
    {
        using var shop = ShopFolder.WithSample();

        var answer = await shop.RunAsync(word, "--help");

        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        Assert.StartsWith("Usage: Kaffediem.Server backup <file>", answer.Output, StringComparison.Ordinal);
    }

    private static void AssertRefused(ServerProgram program, string reason)
    {
        Assert.Equal(1, program.ExitCode);
        Assert.Contains(reason, Assert.Single(program.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    private static async Task PlaceAsync(ServerProcess server, CancellationToken stop)
    {
        using var client = server.CreateClient();
        while (!stop.IsCancellationRequested)
        {
            (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201);
        }
    }
}
