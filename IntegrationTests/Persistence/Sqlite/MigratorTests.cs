using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Stores;

namespace Kaffediem.IntegrationTests.Persistence.Sqlite;

public sealed class MigratorTests
{
    private const string KaffebaseSchema =
        """
          SELECT name || ': ' || sql
            FROM sqlite_master
           WHERE tbl_name IN ('schema_migrations', 'users', 'users_tokens', 'category', 'item', 'customization_key',
                              'customization_value', 'message', 'status', 'order')
             AND name NOT IN ('order_inserted_at_index', 'order_updated_at_index', 'order_day_id_index')
             AND sql IS NOT NULL
        ORDER BY name
        """;

    [Fact]
    public async Task New_file_has_the_tables_of_Kaffebase_letter_for_letter()
    {
        await using var test = new TestDatabase();

        Assert.True(test.Database.IsNew);

        var expected = SqliteFile.Query<string>(TestDatabase.SamplePath, KaffebaseSchema);
        Assert.Equal(18, expected.Count);
        Assert.Equal(expected, test.Query<string>(KaffebaseSchema));
    }

    [Fact]
    public async Task New_file_records_the_migrations_of_Kaffebase_so_that_Kaffebase_opens_it()
    {
        await using var test = new TestDatabase();

        Assert.True(test.Database.IsNew);

        const string Versions = "SELECT version FROM schema_migrations ORDER BY version";
        Assert.Equal(SqliteFile.Query<long>(TestDatabase.SamplePath, Versions), test.Query<long>(Versions));
        Assert.Equal(
            Enumerable.Repeat("2026-11-23T12:00:00", 5),
            test.Query<string>("SELECT inserted_at FROM schema_migrations"));
    }

    [Fact]
    public async Task Opening_a_Kaffebase_file_repeatedly_leaves_it_unchanged()
    {
        await using var test = TestDatabase.WithSample();
        var before = Dump(test.Path);

        Assert.False(test.Database.IsNew);
        await test.CloseAsync();
        Assert.Equal(before, Dump(test.Path));

        Assert.False(test.Database.IsNew);
        await test.CloseAsync();
        Assert.Equal(before, Dump(test.Path));
    }

    [Fact]
    public async Task Second_opening_applies_no_migration_again()
    {
        await using var test = new TestDatabase();
        Assert.True(test.Database.IsNew);
        await test.Database.WriteAsync(DemoMenu.Seed, TestDatabase.Token);
        await test.CloseAsync();
        test.Time.Advance(TimeSpan.FromHours(1));

        Assert.False(test.Database.IsNew);

        Assert.Equal(
            [
                "0001_kaffebase 12:00", "0002_change_log 12:00", "0003_session 12:00", "0004_every_collection 12:00",
                "0005_idempotency 12:00", "0006_history 12:00", "0007_known_device 12:00", "0008_list_indexes 12:00",
            ],
            test.Query<string>(
                "SELECT name || ' ' || substr(inserted_at, 12, 5) FROM kaffediem_migrations ORDER BY name"));
    }

    [Fact]
    public async Task File_that_was_created_but_never_filled_is_still_new()
    {
        await using var test = new TestDatabase();
        Assert.True(test.Database.IsNew);
        await test.CloseAsync();
        test.Time.Advance(TimeSpan.FromHours(1));

        Assert.True(test.Database.IsNew);
    }

    [Fact]
    public async Task Shop_that_has_deleted_everything_is_not_new()
    {
        await using var test = new TestDatabase();
        var category = await test.Categories.CreateAsync(new() { Name = "Te" }, TestDatabase.Token).Saved();
        await test.Categories.DeleteAsync(category.Id, TestDatabase.Token).Saved();
        await test.CloseAsync();

        Assert.False(test.Database.IsNew);
    }

    [Fact]
    public async Task Empty_shop_of_Kaffebase_is_not_new()
    {
        await using var test = new TestDatabase();
        Assert.True(test.Database.IsNew);
        await test.CloseAsync();
        test.Execute("""
            UPDATE schema_migrations SET inserted_at = '2025-11-16T10:33:40';
            DROP TABLE kaffediem_migrations; DROP TABLE change_log; DROP TABLE epoch; DROP TABLE session;
            DROP TABLE known_device; DROP TABLE idempotency; DROP TABLE order_day;
            DROP INDEX order_inserted_at_index; DROP INDEX order_updated_at_index; DROP INDEX order_day_id_index
            """);

        Assert.False(test.Database.IsNew);
    }

    [Fact]
    public async Task File_of_an_older_Kaffebase_is_refused_untouched()
    {
        await using var test = TestDatabase.WithSample();
        test.Execute("DELETE FROM schema_migrations WHERE version = 20251116103333");

        var exception = Assert.Throws<DatabaseException>(test.Open);

        Assert.Contains("older Kaffebase", exception.Message);
        Assert.Empty(test.Query<string>("SELECT name FROM sqlite_master WHERE name = 'change_log'"));
    }

    [Fact]
    public async Task File_of_a_newer_Kaffediem_is_refused()
    {
        await using var test = new TestDatabase();
        Assert.True(test.Database.IsNew);
        await test.CloseAsync();
        test.Execute("INSERT INTO kaffediem_migrations (name, inserted_at) VALUES ('9999_future', '2030')");

        var exception = Assert.Throws<DatabaseException>(test.Open);

        Assert.Contains("newer Kaffediem", exception.Message);
        Assert.Contains("9999_future", exception.Message);
    }

    [Fact]
    public async Task Database_of_another_program_is_refused_untouched()
    {
        await using var test = new TestDatabase();
        test.Execute("CREATE TABLE recipe (id INTEGER PRIMARY KEY)");

        var exception = Assert.Throws<DatabaseException>(test.Open);

        Assert.Contains("neither a Kaffediem nor a Kaffebase database", exception.Message);
        Assert.Equal(["recipe"], test.Query<string>("SELECT name FROM sqlite_master"));
    }

    [Fact]
    public async Task File_that_is_not_a_database_is_refused_untouched()
    {
        await using var test = new TestDatabase();
        var text = string.Concat(Enumerable.Repeat("This is a shopping list. ", 200));
        await File.WriteAllTextAsync(test.Path, text, TestDatabase.Token);

        var exception = Assert.Throws<DatabaseException>(test.Open);

        Assert.Contains("is not a SQLite database", exception.Message);
        Assert.Equal(text, await File.ReadAllTextAsync(test.Path, TestDatabase.Token));
    }

    /// <summary>All that Kaffebase sees of a file: the declarations of its tables and the values of its rows.</summary>
    private static List<string> Dump(string path)
    {
        var dump = SqliteFile.Query<string>(path, KaffebaseSchema);
        const string Tables = "SELECT name FROM sqlite_master WHERE type = 'table'";
        foreach (var table in SqliteFile.Query<string>(TestDatabase.SamplePath, Tables))
        {
            var columns = SqliteFile.Query<string>(path, $"SELECT name FROM pragma_table_info('{table}')");
            var values = string.Join(" || ',' || ", columns.Select(column => $"quote(\"{column}\")"));
            dump.AddRange(SqliteFile.Query<string>(path, $"SELECT '{table}: ' || {values} FROM \"{table}\""));
        }

        return dump;
    }
}
