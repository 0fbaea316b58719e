using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Sqlite.Statements;
using Kaffediem.Persistence.Transactions;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>A read-only connection, for one read at a time.</summary>
internal sealed class SqliteReader : IDisposable
{
    // Steps of SQLite's virtual machine: less than a millisecond of work.
    private const int StepsBetweenLooks = 10_000;

    private readonly PreparedConnection _connection;
    private CancellationToken _cancellationToken;

    private SqliteReader(SqliteConnection connection)
    {
        _connection = new PreparedConnection(connection);
        // sqlite3_interrupt, called from another thread, has no effect between two statements, and a late call could
        // hit the next read. SQLite calls this handler on the reader's own thread, in every statement.
        raw.sqlite3_progress_handler(connection.Handle, StepsBetweenLooks, IsCancelled, this);
    }

    /// <summary>Opens a connection.</summary>
    public static SqliteReader Open(string path) =>
        new(SqliteSettings.Connect(path, SqliteOpenMode.ReadOnly, SqliteSettings.ApplyToReader));

    /// <summary>Runs a query in a transaction. After an exception the connection is unusable.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled, and the query interrupted.</exception>
    public T Read<T>(Func<ReadTransaction, T> query, string epoch, CancellationToken cancellationToken)
    {
        _cancellationToken = cancellationToken;
        try
        {
            // The first query takes the snapshot; it is the one that reads the position.
            _connection.Run("BEGIN DEFERRED");
            var position = new ChangePosition(ChangeLog.LastSeq(_connection), epoch);
            var result = query(new ReadTransaction(_connection, position, cancellationToken));
            _connection.Run("COMMIT");
            return result;
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            throw new OperationCanceledException("The read was interrupted.", exception, cancellationToken);
        }
    }

    public void Dispose() => _connection.Dispose();

    private static int IsCancelled(object reader) =>
        ((SqliteReader)reader)._cancellationToken.IsCancellationRequested ? 1 : 0;
}
