using Kaffediem.Persistence.Sqlite.Statements;
using Microsoft.Data.Sqlite;

namespace Kaffediem.IntegrationTests.Persistence.Sqlite;

public sealed class DirectStatementTests : IDisposable
{
    private const string InsertMilk = "INSERT INTO milk (name, fat) VALUES (@name, @fat)";

    private readonly PreparedConnection _connection;

    public DirectStatementTests()
    {
        var sqlite = new SqliteConnection("Data Source=:memory:");
        sqlite.Open();
        _connection = new PreparedConnection(sqlite);
        _connection.Run(
            "CREATE TABLE milk (id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (name <> 'sour'), fat INTEGER)");
    }

    [Fact]
    public void Insert_returns_the_id_of_its_row()
    {
        Assert.Equal(1, Insert("oat", 3));
        Assert.Equal(2, Insert("skimmed", null));
        Assert.Equal(1, Count("fat IS NULL"));
    }

    [Fact]
    public void Statement_accepts_the_next_row_after_a_refused_one()
    {
        Assert.Throws<SqliteException>(() => Insert("sour", 3));

        Assert.Equal(1, Insert("oat", 3));
        Assert.Equal(1, Count("name = 'oat' AND fat = 3"));
    }

    [Fact]
    public void Values_bound_without_a_run_are_discarded()
    {
        _connection.Direct(InsertMilk).Bind("whole");

        Insert("oat", 3);

        Assert.Equal(1, Count("name = 'oat' AND fat = 3"));
    }

    [Fact]
    public void Text_with_any_content_is_stored_unchanged()
    {
        const string Strange = "' OR 1 --\0\U0001F404";
        _connection.Direct(InsertMilk).Bind(Strange).Bind(1).Insert();

        using var command = _connection.Sqlite.CreateCommand();
        command.CommandText = "SELECT name FROM milk";
        Assert.Equal(Strange, command.ExecuteScalar());
    }

    public void Dispose()
    {
        _connection.Dispose();
        _connection.Sqlite.Dispose();
    }

    private long Insert(string name, long? fat) => _connection.Direct(InsertMilk).Bind(name).Bind(fat).Insert();

    private long Count(string condition) =>
        _connection.Direct($"SELECT COUNT(*) FROM milk WHERE {condition}").ReadNumber();
}
