using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>
/// A prepared statement without Dapper and ADO.NET around it, which take longer over the rows of an order than SQLite
/// does. For the few statements that every order runs. Parameters are bound in the order in which they first occur in
/// the text, which is how SQLite numbers them, and anew for each run. Not thread-safe.
/// </summary>
internal sealed class DirectStatement(sqlite3 connection, string text) : IDisposable
{
    private readonly sqlite3_stmt _statement = Prepare(connection, text);
    private int _bound;

    /// <summary>Forgets what a call before it bound, and did not run: a value may have been too long.</summary>
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
    /// <exception cref="SqliteException">It has failed.</exception>
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

    /// <summary>Runs a statement with one row, which is a number.</summary>
    /// <exception cref="SqliteException">It has failed.</exception>
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
    /// <exception cref="SqliteException">It has failed.</exception>
    // Not RETURNING: for what it returns SQLite makes a table of its own each time.
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

    // Its result is that of the step, again.
    private void Reset() => raw.sqlite3_reset(_statement);

    private DirectStatement Checked(int result)
    {
        // Nothing to do where it is OK, a row or the end of them.
        SqliteException.ThrowExceptionForRC(result, connection);
        return this;
    }
}
