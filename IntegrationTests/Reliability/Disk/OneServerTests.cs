using System.Diagnostics;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Disk;

/// <summary>Two servers on one file: the second does not start, and says why.</summary>
[Experiment("Disk")]
public sealed class OneServerTests
{
    [Theory]
    [InlineData("shop.db")]
    [InlineData("link.db")]
    [InlineData("hard.db")]
    [InlineData("elsewhere/hard.db")]
    public async Task A_second_server_on_a_database_does_not_start_and_the_first_goes_on(string name)
    {
        using var shop = ShopFolder.WithSample();
        File.CreateSymbolicLink(shop.PathOf("link.db"), shop.Database);
        using var first = await shop.ServeAsync();
        // While it runs: its own start has not seen them.
        await LinkHardAsync(shop.Database, shop.PathOf("hard.db"));
        Directory.CreateDirectory(shop.PathOf("elsewhere"));
        await LinkHardAsync(shop.Database, shop.PathOf("elsewhere/hard.db"));

        var second = await ServerProgram.RunAsync(
            Path.GetDirectoryName(shop.Database)!,
            "",
            "--urls=http://127.0.0.1:0",
            $"--Database:Path={shop.PathOf(name)}");

        Assert.Equal(1, second.ExitCode);
        Assert.Equal(
            $"Kaffediem cannot start: {shop.PathOf(name)} is in use by another Kaffediem: stop that one first.",
            Assert.Single(second.Error.TrimEnd().Split('\n')));
        using var client = first.CreateClient();
        (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("backup", "backup.db")]
    [InlineData("user", "list")]
    public async Task A_command_under_another_name_is_refused_while_a_server_runs_and_not_after(params string[] words)
    {
        using var shop = ShopFolder.WithSample();
        await LinkHardAsync(shop.Database, shop.PathOf("hard.db"));
        Task<ServerProgram> RunAsync() => ServerProgram.RunAsync(
            Path.GetDirectoryName(shop.Database)!, "", [.. words, $"--Database:Path={shop.PathOf("hard.db")}"]);
        using (var server = await shop.ServeAsync())
        {
            var refused = await RunAsync();
            Assert.Equal(1, refused.ExitCode);
            Assert.Equal(
                $"{shop.PathOf("hard.db")} is in use by a Kaffediem under another name: use that name.\n",
                refused.Error);

            Assert.Equal((0, ""), await shop.RunAsync(words) is var same ? (same.ExitCode, same.Error) : default);
            Assert.Equal(0, await server.StopAsync());
        }

        File.Delete(shop.PathOf("backup.db"));
        Assert.Equal(0, (await RunAsync()).ExitCode);
    }

    // SQLite's own locks, which a handle of the file that is closed at the wrong time would drop: then another program
    // that closes the database last would tidy the server's log away.
    [Fact]
    public async Task The_lock_leaves_those_of_SQLite_alone()
    {
        using var shop = ShopFolder.WithSample();
        using var server = await shop.ServeAsync();
        using var client = server.CreateClient();
        (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201);

        shop.Query<long>("SELECT COUNT(*) FROM item");

        Assert.True(new FileInfo(shop.Database + "-wal").Length > 0);
    }

    [Fact]
    public async Task After_a_server_that_was_killed_the_next_one_starts()
    {
        using var shop = ShopFolder.WithSample();
        using (var first = await shop.ServeAsync())
        {
            await first.KillAsync();
        }

        using var second = await shop.ServeAsync();

        Assert.Equal(0, await second.StopAsync());
    }

    [Fact]
    public async Task Other_programs_still_read_and_write_beside_a_server()
    {
        using var shop = ShopFolder.WithSample();
        using var server = await shop.ServeAsync();

        shop.Execute("UPDATE item SET name = 'Lungo' WHERE id = 1");

        Assert.Equal(["Lungo"], shop.Query<string>("SELECT name FROM item WHERE id = 1"));
        Assert.Equal(0, (await shop.RunAsync("user", "list")).ExitCode);
    }

    [Fact]
    public async Task In_its_own_folder_a_server_of_another_user_may_start_later()
    {
        using var shop = ShopFolder.WithSample();
        // Made by root, say, who started it first by mistake.
        await File.WriteAllTextAsync(shop.Database + "-lock", "");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(shop.Database + "-lock", UnixFileMode.UserRead);
        }

        using var server = await shop.ServeAsync(ServerProcess.BoundByRights);

        Assert.Equal(0, await server.StopAsync());
    }

    // .NET makes symbolic links only.
    private static async Task LinkHardAsync(string path, string link)
    {
        using var ln = Process.Start("ln", [path, link]);
        await ln.WaitForExitAsync();
        Assert.Equal(0, ln.ExitCode);
    }
}
