using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Support;
using Microsoft.Data.Sqlite;

namespace Kaffediem.IntegrationTests.Reliability.Disk;

/// <summary>
/// <c>Server restore</c>, run as the built program. It gives the database a new epoch, so that clients take a snapshot.
/// Whatever happens, the file is the complete old or new database, and the old one is not lost.
/// </summary>
[Experiment("Disk")]
[SupportedOSPlatform("linux")]
public sealed class RestoreTests
{
    [Fact]
    public async Task Client_that_returns_after_a_restore_gets_the_whole_list_and_not_a_replay_from_its_old_seq()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        Assert.Equal(0, (await shop.RunAsync("backup", shop.Backup)).ExitCode);
        JsonNode seen;
        using (var server = await shop.ServeAsync())
        {
            using var client = server.CreateClient();
            (await client.DeleteAsync($"{ShopFolder.Orders}/1")).Is(204);
            seen = await JoinAsync(server, "{}");
            Assert.Equal(0, await server.StopAsync());
        }

        var restore = await shop.RunAsync("restore", "backup.db");

        Assert.Equal((0, ""), (restore.ExitCode, restore.Error));
        Assert.Contains("up to change 3. Clients load everything anew.", restore.Output, StringComparison.Ordinal);
        using var restored = await shop.ServeAsync();
        using var rest = restored.CreateClient();
        // Another change with a seq that the client has seen.
        (await rest.DeleteAsync($"{ShopFolder.Orders}/2")).Is(204);
        var again = await JoinAsync(
            restored, $$$"""{"since":{"epoch":"{{{seen["epoch"]}}}","seq":{{{seen["seq"]}}}}}""");
        Assert.Equal(((int)seen["seq"]!, false), ((int)again["seq"]!, (bool)again["recovered"]!));
        Assert.Equal((await rest.GetAsync(ShopFolder.Orders)).Items.Length, again["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task Old_database_is_kept_with_its_log_which_does_not_reach_the_new_file()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        await BackUpOrderAndDieAsync(shop);

        Assert.True(new FileInfo(shop.Database + "-wal").Length > 0);

        Assert.Equal(0, (await shop.RunAsync("restore", shop.Backup)).ExitCode);

        Assert.Equal([1, 2, 3, 4], SqliteFile.Query<long>(shop.Kept, "SELECT seq FROM change_log"));
        Assert.Equal([1, 2, 3], shop.Query<long>("SELECT seq FROM change_log"));
        Assert.Equal(["backup.db", "shop.db", Path.GetFileName(shop.Kept)], shop.Files);
        Assert.Equal(0, (await shop.RunAsync("check")).ExitCode);
    }

    [Fact]
    public async Task Log_of_a_deleted_database_does_not_reach_the_restored_one()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        await BackUpOrderAndDieAsync(shop);

        File.Delete(shop.Database);

        var restore = await shop.RunAsync("restore", shop.Backup);

        Assert.Equal((0, ""), (restore.ExitCode, restore.Error));
        Assert.Equal([1, 2, 3], shop.Query<long>("SELECT seq FROM change_log"));
        Assert.Equal(["backup.db", "shop.db"], shop.Files);
    }

    [Fact]
    public async Task Database_that_cannot_be_opened_is_moved_aside()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        Assert.Equal(0, (await shop.RunAsync("backup", shop.Backup)).ExitCode);
        var garbage = string.Concat(Enumerable.Repeat("no database any more ", 1000));
        await File.WriteAllTextAsync(shop.Database, garbage);

        Assert.Equal(0, (await shop.RunAsync("restore", shop.Backup)).ExitCode);

        Assert.Equal(garbage, await File.ReadAllTextAsync(shop.Kept));
        Assert.Equal(0, (await shop.RunAsync("check")).ExitCode);
    }

    [Fact]
    public async Task Database_with_a_damaged_table_is_replaced_and_kept_as_it_is()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        Assert.Equal(0, (await shop.RunAsync("backup", shop.Backup)).ExitCode);
        Damage.Table(shop.Database, "order");
        var damaged = await File.ReadAllBytesAsync(shop.Database);

        Assert.Equal(0, (await shop.RunAsync("restore", shop.Backup)).ExitCode);

        Assert.Equal(damaged.Length, new FileInfo(shop.Kept).Length);
        Assert.Equal(1, (await shop.CheckAsync(shop.Kept)).ExitCode);
        Assert.Equal(0, (await shop.RunAsync("check")).ExitCode);
    }

    [Fact]
    public async Task Kaffebase_file_is_restored_into_a_missing_folder_and_served()
    {
        using var shop = new ShopFolder();
        var path = shop.PathOf("data/shop.db");

        var restore = await ServerProgram.RunAsync(
            Path.GetDirectoryName(shop.Database)!,
            "",
            "restore",
            Path.Combine(AppContext.BaseDirectory, "Data", "kaffebase.db"),
            $"--Database:Path={path}");

        Assert.Equal((0, ""), (restore.ExitCode, restore.Error));
        using var server = await ServerProcess.StartAsync(path);
        using var client = server.CreateClient();
        Assert.NotEmpty((await client.GetAsync(ShopFolder.Orders)).Items);
    }

    [Fact]
    public async Task Permissions_and_a_link_stay_as_they_were()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        Assert.Equal(0, (await shop.RunAsync("backup", shop.Backup)).ExitCode);
        File.Move(shop.Database, shop.PathOf("real.db"));
        File.CreateSymbolicLink(shop.Database, "real.db");
        File.SetUnixFileMode(shop.PathOf("real.db"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Assert.Equal(0, (await shop.RunAsync("restore", shop.Backup)).ExitCode);

        Assert.Equal("real.db", new FileInfo(shop.Database).LinkTarget);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(shop.PathOf("real.db")));
        Assert.Equal(0, (await shop.RunAsync("check")).ExitCode);
    }

    [Fact]
    public async Task Running_server_prevents_a_restore()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        Assert.Equal(0, (await shop.RunAsync("backup", shop.Backup)).ExitCode);
        using var server = await shop.ServeAsync();
        using var client = server.CreateClient();

        await AssertRefusedAsync(shop, "restore backup.db", "is in use by another Kaffediem: stop that one first");

        (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201);
    }

    [Fact]
    public async Task Another_program_with_the_database_open_prevents_a_restore()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        Assert.Equal(0, (await shop.RunAsync("backup", shop.Backup)).ExitCode);
        // Like Kaffebase, while it waits for requests.
        using var connection = new SqliteConnection($"Data Source={shop.Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM item";
        command.ExecuteScalar();

        await AssertRefusedAsync(shop, "restore backup.db", "is locked by another process");
    }

    [Theory]
    [InlineData("restore none.db", "There is no database")]
    [InlineData("restore empty.db", "empty.db is empty: it has 0 bytes.")]
    [InlineData("restore shop.db", "is the database itself")]
    [InlineData("restore newer.db", "newer Kaffediem")]
    [InlineData("restore other.db", "neither a Kaffediem nor a Kaffebase database")]
    [InlineData("restore text.db", "is not a SQLite database")]
    [InlineData("restore damaged.db", "damaged.db is damaged")]
    public async Task Invalid_backup_is_refused_and_the_database_stays(string command, string reason)
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        foreach (var name in new[] { "newer.db", "other.db", "damaged.db" })
        {
            File.Copy(shop.Database, shop.PathOf(name));
        }

        SqliteFile.Query<int>(
            shop.PathOf("newer.db"), "INSERT INTO kaffediem_migrations VALUES ('9999_future', '2030')");
        SqliteFile.Query<int>(shop.PathOf("other.db"), "DROP TABLE schema_migrations");
        Damage.Table(shop.PathOf("damaged.db"), "order");
        await File.WriteAllTextAsync(shop.PathOf("empty.db"), "");
        await File.WriteAllTextAsync(shop.PathOf("text.db"), "a shopping list that is long enough to be looked at");

        await AssertRefusedAsync(shop, command, reason);
    }

    [Theory]
    [InlineData("for what is read")]
    [InlineData("for the kept database")]
    [InlineData("for what is written")]
    public async Task Full_disk_keeps_the_database(string what)
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        var sample = Path.Combine(AppContext.BaseDirectory, "Data", "kaffebase.db");
        File.Copy(what == "for what is written" ? shop.Database : sample, shop.Backup);
        // Blocks of 512 bytes.
        var (size, blocks) = (new FileInfo(shop.Database).Length / 512, new FileInfo(sample).Length / 512);
        Assert.True(size > blocks + 8);
        var limit = what switch
        {
            "for what is read" => blocks - 1,
            "for the kept database" => size - 1,
            _ => size, // the journal has the overwritten pages and their numbers
        };

        await AssertRefusedAsync(
            shop, "restore backup.db", "no room", $"ulimit -f {limit}; {ServerProcess.HearingOfLimits}");
    }

    [Fact]
    public async Task Killed_restore_leaves_the_old_database_or_the_new_one()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        shop.Grow(megabytes: 40);
        File.Copy(shop.Database, shop.Backup);
        shop.Execute("DELETE FROM change_log; UPDATE \"order\" SET state = 'completed'");
        const string Epoch = "SELECT id FROM epoch";
        var old = ShopFolder.Dump(shop.Database);
        string[] lines = TestSettings.IsQuick
            ? ["Read 9", "Kept 4", "Wrote 4"]
            : ["Read 4", "Read 9", "Kept 4", "Kept 9", "Wrote 2", "Wrote 4", "Wrote 6", "Wrote 9"];
        foreach (var line in lines)
        {
            await KillAtAsync(shop, line);

            var isOld = shop.Query<string>("SELECT state FROM \"order\"").Distinct().SequenceEqual(["completed"]);
            Assert.True(!isOld || ShopFolder.Dump(shop.Database) == old, line);
            Assert.True(isOld || shop.Query<long>("SELECT seq FROM change_log").SequenceEqual([1, 2, 3]), line);
            Assert.Equal(isOld, shop.Query<string>(Epoch).SequenceEqual(SqliteFile.Query<string>(shop.Backup, Epoch)));
            Assert.Equal(["ok"], shop.Query<string>("PRAGMA integrity_check"));
        }

        var restore = await shop.RunAsync("restore", shop.Backup);
        Assert.Equal((0, ""), (restore.ExitCode, restore.Error));
        Assert.DoesNotContain(shop.Files, name => name.Contains("partial", StringComparison.Ordinal));
        Assert.Equal([1, 2, 3], shop.Query<long>("SELECT seq FROM change_log"));
    }

    // Only the log of the killed server has the order that was placed after the backup.
    private static async Task BackUpOrderAndDieAsync(ShopFolder shop)
    {
        Assert.Equal(0, (await shop.RunAsync("backup", shop.Backup)).ExitCode);
        using var server = await shop.ServeAsync();
        using var client = server.CreateClient();
        (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201);
        await server.KillAsync();
    }

    private static async Task KillAtAsync(ShopFolder shop, string begin)
    {
        using var process = Process.Start(ServerProcess.Command(
            Path.GetDirectoryName(shop.Database)!,
            ServerProcess.AsItIs,
            ["restore", "backup.db", "--Database:Path=shop.db"]))!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(begin, StringComparison.Ordinal))
            {
                process.Kill();
            }
        }

        await process.WaitForExitAsync();
    }

    private static async Task AssertRefusedAsync(
        ShopFolder shop, string command, string reason, string shell = ServerProcess.AsItIs)
    {
        var (before, files) = (ShopFolder.Dump(shop.Database), shop.Files);

        var refused = await shop.RunInShellAsync(shell, command.Split(' '));

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(reason, Assert.Single(refused.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(before, ShopFolder.Dump(shop.Database));
        // A kept file may be left over, but never half of one.
        Assert.Equal(files, shop.Files.Where(name => !name.Contains("before-restore", StringComparison.Ordinal)));
    }

    private static async Task<JsonNode> JoinAsync(ServerProcess server, string payload)
    {
        using var client = await WireClient.ConnectAsync(server.BaseAddress, 2);
        return (await client.JoinAsync("collection:order", payload: payload)).Response!;
    }
}
