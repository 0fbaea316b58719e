using Dapper;
using Kaffediem.Persistence.Writing;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Sqlite;

public sealed class SqliteSettingsTests
{
    private const long Normal = 1;
    private const long Full = 2;

    [Theory]
    [InlineData(true, Full)]
    [InlineData(false, Normal)]
    public async Task Commits_are_synced_to_the_disk_unless_the_setting_waives_it(bool fullSync, long synchronous)
    {
        await using var test = new TestDatabase { FullSync = fullSync };

        Assert.Equal("wal", await Pragma<string>(test, "journal_mode"));
        Assert.Equal(synchronous, await Pragma<long>(test, "synchronous"));
    }

    [Fact]
    public async Task Foreign_keys_are_checked()
    {
        await using var test = new TestDatabase();

        Assert.Equal(1, await Pragma<long>(test, "foreign_keys"));
    }

    // A file for it would be in the temporary folder, which may be full or missing while the database's disk is fine.
    [Fact]
    public async Task Temporary_data_is_kept_in_memory()
    {
        await using var test = new TestDatabase();
        const long Memory = 2;

        Assert.Equal(Memory, await Pragma<long>(test, "temp_store"));
    }

    private static Task<T> Pragma<T>(TestDatabase test, string name) => test.Database.WriteAsync(
        transaction => Written.WithoutChange(transaction.Connection.QuerySingle<T>($"PRAGMA {name}")), Token);
}
