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
    public void An_insert_tells_the_id_of_its_row()
    {
        Assert.Equal(1, Insert("oat", 3));
        Assert.Equal(2, Insert("skimmed", null));
        Assert.Equal(1, Count("fat IS NULL"));
    }

    [Fact]
    public void After_a_row_that_is_refused_the_same_statement_takes_the_next()
    {
        Assert.Throws<SqliteException>(() => Insert("sour", 3));

        Assert.Equal(1, Insert("oat", 3));
        Assert.Equal(1, Count("name = 'oat' AND fat = 3"));
    }

    [Fact]
    public void What_was_bound_and_never_run_is_forgotten()
    {
        _connection.Direct(InsertMilk).Bind("whole");

        Insert("oat", 3);

        Assert.Equal(1, Count("name = 'oat' AND fat = 3"));
    }

    [Fact]
    public void Text_arrives_as_it_was_whatever_is_in_it()
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
