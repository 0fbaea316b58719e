using System.Runtime.Versioning;
using Kaffediem.IntegrationTests.Support;
using Microsoft.Data.Sqlite;

namespace Kaffediem.IntegrationTests.Reliability.Disk;

/// <summary>
/// What is wrong with the disk when the server starts: one line that says so, exit code 1, and the
/// database as it was.
/// </summary>
[Experiment("Disk")]
[SupportedOSPlatform("linux")]
public sealed class StartFaultTests
{
    [Fact]
    public async Task A_full_disk()
    {
        using var shop = ShopFolder.WithSample();
        await AssertRefusedAsync(shop, "no room", $"ulimit -f 8; {ServerProcess.HearingOfLimits}");
    }

    [Fact]
    public async Task A_full_disk_when_there_is_no_database_yet()
    {
        using var shop = new ShopFolder();
        // Enough for the tables, not for the menu and not for a log; then for less and less.
        foreach (var blocks in new[] { 200, 100, 50, 0 })
        {
            var program = await StartAsync(shop, $"ulimit -f {blocks}; {ServerProcess.HearingOfLimits}");

            Assert.Equal(1, program.ExitCode);
            Assert.StartsWith(
                "Kaffediem cannot start: ",
                Assert.Single(program.Error.TrimEnd().Split('\n')),
                StringComparison.Ordinal);
        }

        // As the first start would have left it.
        using var server = await shop.ServeAsync();
        using var client = server.CreateClient();
        Assert.NotEmpty((await client.GetAsync("/api/collections/item/records")).Items);
        (await client.SignInAsync()).Is(200);
        (await client.PostAsync("/api/collections/message/records", """{"title":"Open"}""")).Is(201);
    }

    [Fact]
    public async Task A_read_only_file()
    {
        using var shop = ShopFolder.WithSample();
        File.SetUnixFileMode(shop.Database, UnixFileMode.UserRead);
        await AssertRefusedAsync(
            shop, "cannot be written to: may this user write it and its folder?", ServerProcess.BoundByRights);
    }

    [Fact]
    public async Task A_read_only_folder()
    {
        using var shop = ShopFolder.WithSample();
        var folder = Directory.CreateDirectory(shop.PathOf("theirs"));
        File.Copy(shop.Database, shop.PathOf("theirs/shop.db"));
        File.SetUnixFileMode(folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var program = await StartAsync(shop, ServerProcess.BoundByRights, "theirs/shop.db");

        Assert.Equal(1, program.ExitCode);
        Assert.Contains(
            "may this user write its folder",
            Assert.Single(program.Error.TrimEnd().Split('\n')),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_not_there()
    {
        using var shop = new ShopFolder();

        var program = await StartAsync(shop, ServerProcess.AsItIs, "not/there/shop.db");

        Assert.Equal(1, program.ExitCode);
        Assert.Contains("does not exist", Assert.Single(program.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.False(Directory.Exists(shop.PathOf("not")));
    }

    [Fact]
    public async Task A_locked_file()
    {
        using var shop = ShopFolder.WithSample();
        using (var connection = new SqliteConnection($"Data Source={shop.Database};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            command.ExecuteNonQuery();
            var program = await StartAsync(shop, ServerProcess.AsItIs);

            Assert.Equal(1, program.ExitCode);
            Assert.Contains(
                "is locked by another process",
                Assert.Single(program.Error.TrimEnd().Split('\n')),
                StringComparison.Ordinal);
        }

        using var server = await shop.ServeAsync();
    }

    // What is read at the start; the orders of years are not, and are answered 503 (DiskFaultTests).
    [Theory]
    [InlineData("item")]
    [InlineData("users")]
    [InlineData("change_log")]
    [InlineData("schema_migrations")]
    public async Task A_damaged_file(string table)
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        Damage.Table(shop.Database, table);

        var program = await StartAsync(shop, ServerProcess.AsItIs);

        Assert.Equal(1, program.ExitCode);
        Assert.Contains("is damaged", Assert.Single(program.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_a_newer_version()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        shop.Execute("INSERT INTO kaffediem_migrations VALUES ('9999_future', '2030')");
        await AssertRefusedAsync(shop, "was written by a newer Kaffediem", ServerProcess.AsItIs);
    }

    private static async Task AssertRefusedAsync(ShopFolder shop, string reason, string shell)
    {
        var before = ShopFolder.Dump(shop.Database);

        var program = await StartAsync(shop, shell);

        Assert.Equal(1, program.ExitCode);
        var line = Assert.Single(program.Error.TrimEnd().Split('\n'));
        Assert.StartsWith("Kaffediem cannot start: ", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", program.Output, StringComparison.Ordinal);
        Assert.Equal(before, ShopFolder.Dump(shop.Database));
    }

    private static Task<ServerProgram> StartAsync(ShopFolder shop, string shell, string database = "shop.db") =>
        ServerProgram.RunInShellAsync(
            Path.GetDirectoryName(shop.Database)!,
            shell,
            "",
            "--environment=Development",
            "--urls=http://127.0.0.1:0",
            $"--Database:Path={database}");
}
