using System.Runtime.Versioning;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Sqlite.Maintenance;
using Kaffediem.Persistence.Transactions;

namespace Kaffediem.IntegrationTests.Reliability.Disk;

/// <summary>
/// Links that somebody has left where a command or the server makes files, in a folder that others can write to:
/// nothing is written or changed through them.
/// </summary>
[Experiment("Disk")]
[SupportedOSPlatform("linux")]
public sealed class LinkTests : IDisposable
{
    private const string Content = "another user's file";
    private const UnixFileMode Public =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly ShopFolder _shop = ShopFolder.WithSample();
    private readonly DirectoryInfo _elsewhere = Directory.CreateTempSubdirectory("kaffediem-");

    public LinkTests() => File.SetUnixFileMode(
        _shop.PathOf(""),
        Public | UnixFileMode.UserExecute | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);

    private string Victim => Path.Combine(_elsewhere.FullName, "victim");

    [Theory]
    [InlineData("backup", "backup.db.partial")]
    [InlineData("backup", "backup.db.0123456789abcdef.partial")]
    [InlineData("restore", "shop.db.restore.partial")]
    [InlineData("restore", "shop.db.before-restore-20260101-000000-000.0123456789abcdef.partial")]
    public async Task Nothing_is_written_through_a_link_under_a_temporary_name(string command, string link)
    {
        foreach (var isSymbolic in new[] { true, false })
        {
            WriteVictim();
            Link(link, isSymbolic);
            if (command == "restore")
            {
                File.Copy(_shop.Database, _shop.Backup, overwrite: true);
            }

            string[] words = command == "backup" ? ["backup", "backup.db", "--force"] : ["restore", "backup.db"];

            var run = await _shop.RunAsync(words);

            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            AssertUnharmed();
            Assert.Null(new FileInfo(_shop.Backup).LinkTarget);
            Assert.Equal(ShopFolder.Dump(_shop.Database), ShopFolder.Dump(_shop.Backup));
            Assert.DoesNotContain(link, _shop.Files);
        }
    }

    [Fact]
    public async Task No_file_is_made_at_the_target_of_a_dangling_link()
    {
        Link("backup.db.partial", isSymbolic: true);

        Assert.Equal(0, (await _shop.RunAsync("backup", "backup.db")).ExitCode);

        Assert.False(File.Exists(Victim));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_backup_under_the_name_of_a_symbolic_link_is_refused(bool leadsSomewhere)
    {
        if (leadsSomewhere)
        {
            WriteVictim();
        }

        Link("backup.db", isSymbolic: true);

        var run = await _shop.RunAsync("backup", "backup.db", "--force");

        Assert.Equal((1, $"{_shop.Backup} is a symbolic link: name the file itself.\n"), (run.ExitCode, run.Error));
        Assert.Equal(leadsSomewhere, File.Exists(Victim));
        Assert.Equal(Victim, new FileInfo(_shop.Backup).LinkTarget);
    }

    [Fact]
    public async Task The_leftover_of_a_killed_backup_is_deleted_and_the_file_of_a_running_one_is_not()
    {
        var leftover = _shop.PathOf("backup.db.0123456789abcdef.partial");
        string[] files = [leftover, leftover + "-journal", _shop.PathOf("backup.db.notes.partial")];
        Array.ForEach(files, file => File.WriteAllText(file, "half"));
        using var running = PartialFile.Create(_shop.Backup);
        var itsFile = Assert.Single(_shop.Files, name => name.EndsWith(".partial", StringComparison.Ordinal)
            && name != Path.GetFileName(leftover) && name != "backup.db.notes.partial");

        Assert.Equal(0, (await _shop.RunAsync("backup", "backup.db")).ExitCode);

        string[] left = ["backup.db", "backup.db.notes.partial", itsFile, "shop.db"];
        Assert.Equal(left.Order(StringComparer.Ordinal), _shop.Files);
    }

    // Somebody who sees the random name can do this before SQLite opens the file.
    [Theory]
    [InlineData("nothing")]
    [InlineData("another file")]
    [InlineData("symbolic link")]
    public void A_file_that_was_replaced_is_recognised(string replacement)
    {
        var path = _shop.PathOf("made");
        using var made = FileIdentityLock.Create(path)!;
        if (replacement != "nothing")
        {
            File.Delete(path);
            File.WriteAllText(replacement == "another file" ? path : Victim, "");
        }

        if (replacement == "symbolic link")
        {
            File.CreateSymbolicLink(path, Victim);
        }

        using var connection = SqliteSettings.Connect(path, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        connection.Run("BEGIN EXCLUSIVE");

        Assert.Equal(replacement == "nothing", made.IsLockedBySqlite);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_is_made_only_under_an_unused_name(bool isSymbolic)
    {
        WriteVictim();
        Link("made", isSymbolic);

        Assert.Throws<IOException>(() => FileIdentityLock.Create(_shop.PathOf("made")));
        AssertUnharmed();
    }

    [Theory]
    [InlineData("shop.db-lock")]
    [InlineData("shop.db-wal")]
    [InlineData("shop.db-journal")]
    public async Task A_server_that_finds_a_link_in_the_place_of_its_own_file_changes_nothing_behind_it(string name)
    {
        WriteVictim();
        Link(name, isSymbolic: true);

        var run = await ServerProgram.RunInShellAsync(
            _shop.PathOf(""),
            ServerProcess.AsItIs,
            "",
            "--urls=http://127.0.0.1:0",
            $"--Database:Path={_shop.Database}");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(name == "shop.db-lock" ? "is a symbolic link" : "shop.db", run.Error, StringComparison.Ordinal);
        AssertUnharmed();
    }

    [Fact]
    public async Task The_rights_of_a_file_behind_a_link_stay()
    {
        WriteVictim();
        File.SetUnixFileMode(Victim, Public);
        Link("shop.db.before-restore-20260101-000000-000", isSymbolic: true);

        using var server = await _shop.ServeAsync();

        Assert.Equal(Public, File.GetUnixFileMode(Victim));
    }

    public void Dispose()
    {
        _shop.Dispose();
        _elsewhere.Delete(recursive: true);
    }

    private void WriteVictim() => File.WriteAllText(Victim, Content);

    private void AssertUnharmed() => Assert.Equal(Content, File.ReadAllText(Victim));

    private void Link(string name, bool isSymbolic)
    {
        var path = _shop.PathOf(name);
        File.Delete(path);
        if (isSymbolic)
        {
            File.CreateSymbolicLink(path, Victim);
        }
        else
        {
            using var ln = System.Diagnostics.Process.Start("ln", [Victim, path]);
            ln.WaitForExit();
            Assert.Equal(0, ln.ExitCode);
        }
    }
}
