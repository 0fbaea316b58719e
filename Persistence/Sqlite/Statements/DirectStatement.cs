using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kaffediem.Persistence.Sqlite.Statements;

/// <summary>
/// A prepared statement without Dapper and ADO.NET, which take longer than SQLite itself for the rows of an order. For
/// the few statements that every order runs. Parameters are bound in the order in which they first occur in the text,
/// which is how SQLite numbers them, and again for each run. Not thread-safe.
/// </summary>
internal sealed class DirectStatement(sqlite3 connection, string text) : IDisposable
{
    private readonly sqlite3_stmt _statement = Prepare(connection, text);
    private int _bound;

    /// <summary>Forgets values that were bound but not used, because a later one was too long.</summary>
    public DirectStatement Anew()
    {
        _bound = 0;
        return this;
    }

    public DirectStatement Bind(long? value) => Checked(value is { } number
        ? raw.sqlite3_bind_int64(_statement, ++_bound, number)
        : raw.sqlite3_bind_null(_statement, ++_bound));

    public DirectStatement Bind(string value) => Checked(raw.sqlite3_bind_text(_statement, ++_bound, value));

    /// <summary>Text that is UTF-8 already, and not empty; <c>null</c> for none.</summary>
    public DirectStatement Bind(byte[]? utf8) => Checked(utf8 is null
        ? raw.sqlite3_bind_null(_statement, ++_bound)
        : raw.sqlite3_bind_text(_statement, ++_bound, utf8.AsSpan()));

    /// <summary>Runs a statement without rows.</summary>
    /// <exception cref="SqliteException">The statement failed.</exception>
    public void Run()
    {
        try
        {
            Step();
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Runs a statement that returns one number.</summary>
    /// <exception cref="SqliteException">The statement failed.</exception>
    public long ReadNumber()
    {
        try
        {
            Step();
            return raw.sqlite3_column_int64(_statement, 0);
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Runs an insert of one row.</summary>
    /// <returns>The row's id.</returns>
    /// <exception cref="SqliteException">The statement failed.</exception>
    // Not RETURNING, for which SQLite makes a temporary table each time.
    public long Insert()
    {
        Run();
        return raw.sqlite3_last_insert_rowid(connection);
    }

    public void Dispose() => _statement.Dispose();

    private static sqlite3_stmt Prepare(sqlite3 connection, string text)
    {
        var result = raw.sqlite3_prepare_v3(connection, text, raw.SQLITE_PREPARE_PERSISTENT, out var statement);
        SqliteException.ThrowExceptionForRC(result, connection);
        return statement;
    }

    private void Step() => Checked(raw.sqlite3_step(_statement));

    // Its result repeats the step's.
    private void Reset() => raw.sqlite3_reset(_statement);

    private DirectStatement Checked(int result)
    {
        // Does nothing if the result is OK, ROW or DONE.
        SqliteException.ThrowExceptionForRC(result, connection);
        return this;
    }
}
