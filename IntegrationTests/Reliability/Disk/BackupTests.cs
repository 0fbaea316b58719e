using System.Diagnostics;
using System.Runtime.Versioning;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Disk;

/// <summary>
/// <c>Server backup</c>, as the built program, online, by SQLite's backup API, and verified: what has the
/// backup's name is a whole one.
/// </summary>
[Experiment("Disk")]
[SupportedOSPlatform("linux")]
public sealed class BackupTests
{
    [Fact]
    public async Task Beside_a_server_that_writes_a_backup_has_every_write_acknowledged_before_it_and_is_in_order()
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
    public async Task A_backup_is_one_file_as_private_as_the_database_and_leaves_that_as_it_was()
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
    public async Task What_a_killed_server_has_left_in_its_log_is_in_the_backup_and_stays_in_the_log()
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
    public async Task An_existing_file_is_replaced_only_when_that_is_meant()
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
    public async Task Where_there_can_be_no_backup_that_is_told_in_one_line(string file, string reason)
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
    public async Task Only_a_database_that_this_version_knows_is_backed_up(string sql, string? reason)
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
    public async Task Without_a_database_there_is_no_backup()
    {
        using var shop = new ShopFolder();

        AssertRefused(await shop.RunAsync("backup", shop.Backup), "There is no database");
        Assert.Empty(shop.Files);
    }

    [Fact]
    public async Task A_damaged_database_gives_no_backup_and_leaves_the_one_before()
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
    public async Task Without_room_the_backup_before_stays_and_nothing_else_does()
    {
        using var shop = ShopFolder.WithSample();
        await File.WriteAllTextAsync(shop.Backup, "the only backup there is");

        // 64 blocks of 512 bytes: less than the database has.
        var refused = await shop.RunInShellAsync(
            "ulimit -f 64; " + ServerProcess.HearingOfLimits, "backup", shop.Backup, "--force");

        AssertRefused(refused, "has no room");
        Assert.Equal("the only backup there is", await File.ReadAllTextAsync(shop.Backup));
        Assert.Equal(["backup.db", "shop.db"], shop.Files);
    }

    [Fact]
    public async Task Where_this_user_may_not_write_that_is_told()
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
    public async Task A_backup_that_is_killed_leaves_none_and_the_next_one_is_whole()
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

        // It was too late to kill it if the backup is there; then that is whole, too.
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
    [InlineData("One file is enough: what is b?", "backup", "a", "b")]
    [InlineData("The option --force is unknown", "restore", "a", "--force")]
    [InlineData("check takes no file", "check", "a")]
    [InlineData("--Database:Path needs a value", "check", "--Database:Path", "--Database:FullSync=true")]
    public async Task What_is_not_understood_is_answered_with_the_usage(string mistake, params string[] words)
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
