using System.Runtime.Versioning;
using Kaffediem.IntegrationTests.Images;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Disk;

/// <summary>Nobody but its owner can read what a shop has on the disk, whatever the umask of the process.</summary>
[Experiment("Disk")]
[SupportedOSPlatform("linux")]
public sealed class FileRightsTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode PrivateFolder = Private | UnixFileMode.UserExecute;
    private const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode PublicFolder =
        Public | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const string WithoutUmask = "umask 000; " + ServerProcess.AsItIs;
    private const string Tightened = "Other users of this machine could read these files";

    private readonly ShopFolder _shop = new();

    [Fact]
    public async Task New_shop_is_private_from_the_first_file_on()
    {
        var path = _shop.PathOf("data/shop.db");
        // A process is started in the folder of its database; the server is to find none.
        Directory.CreateDirectory(_shop.PathOf("data"));
        using var server = await ServerProcess.StartAsync(path, $"cd ..; rmdir data; {WithoutUmask}");
        using var client = server.CreateClient();
        await ImageFiles.UploadAsync(client, ImageFiles.Png);
        (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201);

        AssertPrivate(_shop.PathOf("data"));
        Assert.True(File.Exists(path + "-wal"));
        Assert.DoesNotContain(server.Output, line => line.Contains(Tightened, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Files_of_an_earlier_time_are_tightened_at_the_start_in_one_line()
    {
        using var earlier = await ShopFolder.WithOrdersAsync();
        Directory.CreateDirectory(earlier.PathOf("shop.db-uploads"), PublicFolder);
        await File.WriteAllTextAsync(
            earlier.PathOf("shop.db-uploads/00112233445566778899aabbccddeeff.png"), "an image");
        await File.WriteAllTextAsync(earlier.PathOf("shop.db.before-restore-20260101-000000-000"), "an earlier one");
        await File.WriteAllTextAsync(earlier.PathOf("notes.txt"), "not the server's");
        foreach (var file in Directory.GetFiles(earlier.PathOf(""), "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(file, Public);
        }

        Directory.CreateDirectory(earlier.PathOf("keys"), PublicFolder);
        File.SetUnixFileMode(earlier.PathOf(""), PublicFolder);
        using var server = await earlier.ServeAsync(WithoutUmask);

        Assert.Single(server.Output, line => line.Contains(Tightened, StringComparison.Ordinal));
        // The folder and what else lies in it is not the server's.
        Assert.Equal(PublicFolder, File.GetUnixFileMode(earlier.PathOf("")));
        Assert.Equal(Public, File.GetUnixFileMode(earlier.PathOf("notes.txt")));
        File.Delete(earlier.PathOf("notes.txt"));
        File.SetUnixFileMode(earlier.PathOf(""), PrivateFolder);
        AssertPrivate(earlier.PathOf(""));

        Assert.Equal(0, await server.StopAsync());
        using var again = await earlier.ServeAsync(WithoutUmask);
        Assert.DoesNotContain(again.Output, line => line.Contains(Tightened, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Default_folder_is_tightened_as_long_as_it_has_nothing_else()
    {
        var data = Directory.CreateDirectory(_shop.PathOf("data"), PublicFolder).FullName;
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Data", "kaffebase.db"), Path.Combine(data, "kaffediem.db"));
        await File.WriteAllTextAsync(Path.Combine(data, "menu.pdf"), "for the window");
        File.SetUnixFileMode(data, PublicFolder);
        await StartAndStopAsync();
        Assert.Equal(PublicFolder, File.GetUnixFileMode(data));

        File.Delete(Path.Combine(data, "menu.pdf"));
        await StartAndStopAsync();
        Assert.Equal(PrivateFolder, File.GetUnixFileMode(data));

        async Task StartAndStopAsync()
        {
            using var server = await ServerProcess.StartAsync(
                _shop.Database, WithoutUmask, $"--Database:Path={Path.Combine(data, "kaffediem.db")}");
            Assert.Equal(0, await server.StopAsync());
        }
    }

    [Fact]
    public async Task Backups_and_the_files_that_a_restore_leaves_are_private()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        File.SetUnixFileMode(shop.Database, Public);

        Assert.Equal(0, (await shop.RunInShellAsync(WithoutUmask, "backup", shop.Backup)).ExitCode);
        Assert.Equal(Private, File.GetUnixFileMode(shop.Backup));

        File.SetUnixFileMode(shop.Backup, Public);
        Assert.Equal(0, (await shop.RunInShellAsync(WithoutUmask, "restore", shop.Backup)).ExitCode);
        Assert.Equal(Private, File.GetUnixFileMode(shop.Database));
        Assert.Equal(Private, File.GetUnixFileMode(shop.Kept));

        await File.WriteAllTextAsync(shop.Database, string.Concat(Enumerable.Repeat("no database any more ", 1000)));
        File.SetUnixFileMode(shop.Database, Public);
        File.Delete(shop.Kept);
        Assert.Equal(0, (await shop.RunInShellAsync(WithoutUmask, "restore", shop.Backup)).ExitCode);
        Assert.Equal(Private, File.GetUnixFileMode(shop.Database));
        Assert.Equal(Private, File.GetUnixFileMode(shop.Kept));
    }

    [Fact]
    public async Task Database_that_a_command_makes_is_private()
    {
        var added = await ServerProgram.RunInShellAsync(
            _shop.PathOf(""),
            WithoutUmask,
            "kaffe1234",
            "user",
            "add",
            "x@y.no",
            $"--Database:Path={_shop.PathOf("data/shop.db")}");

        Assert.Equal((0, ""), (added.ExitCode, added.Error));
        AssertPrivate(_shop.PathOf("data"));
    }

    public void Dispose() => _shop.Dispose();

    private static void AssertPrivate(string folder)
    {
        Assert.Equal(PrivateFolder, File.GetUnixFileMode(folder));
        foreach (var path in Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories))
        {
            var wanted = Directory.Exists(path) ? PrivateFolder : Private;
            Assert.True(wanted == File.GetUnixFileMode(path), $"{path}: {File.GetUnixFileMode(path)}");
        }
    }
}
