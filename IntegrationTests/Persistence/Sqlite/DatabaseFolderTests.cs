using Kaffediem.Persistence;
using Kaffediem.Persistence.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kaffediem.IntegrationTests.Persistence.Sqlite;

public sealed class DatabaseFolderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kaffediem-");

    [Fact]
    public void Missing_folder_is_created_if_its_parent_exists()
    {
        using var database = Open("data/kaffediem.db");

        Assert.True(database.IsNew);
        Assert.True(File.Exists(Path.Combine(_folder.FullName, "data", "kaffediem.db")));
    }

    [Fact]
    public void Missing_folder_in_a_missing_folder_is_an_error()
    {
        var exception = Assert.Throws<DatabaseException>(() => Open("no/data/kaffediem.db"));

        Assert.Contains("does not exist", exception.Message);
        Assert.False(Directory.Exists(Path.Combine(_folder.FullName, "no")));
    }

    [Fact]
    public void Folder_at_the_path_of_the_file_is_an_error()
    {
        _folder.CreateSubdirectory("kaffediem.db");

        var exception = Assert.Throws<DatabaseException>(() => Open("kaffediem.db"));

        Assert.Contains("cannot be opened", exception.Message);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Database Open(string path) => Database.Open(
        new DatabaseOptions { Path = Path.Combine(_folder.FullName, path) },
        TimeProvider.System,
        NullLogger<Database>.Instance);
}
