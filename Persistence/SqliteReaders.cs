using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence;

/// <summary>A few read-only connections, opened when first needed and lent to one read at a time.</summary>
internal sealed class SqliteReaders(DatabaseOptions options, string path, string epoch) : IDisposable
{
    private readonly ConcurrentBag<PreparedConnection> _idle = [];

    // Its turns are the bound: who has none waits, so a storm of reads neither opens files nor takes threads.
    private readonly SemaphoreSlim _turns = new(options.ReadConnections);

    private volatile bool _isClosed;

    public async Task<T> ReadAsync<T>(Func<ReadTransaction, T> query, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            return Read(query);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>Waits for the running reads, which are short, and closes the connections.</summary>
    public void Dispose()
    {
        _isClosed = true;
        for (var turn = 0; turn < options.ReadConnections; turn++)
        {
            _turns.Wait();
        }

        while (_idle.TryTake(out var connection))
        {
            connection.Dispose();
        }

        // Not disposed: who still waits for a turn gets one, and is refused.
        _turns.Release(options.ReadConnections);
    }

    private T Read<T>(Func<ReadTransaction, T> query)
    {
        ObjectDisposedException.ThrowIf(_isClosed, typeof(Database));
        var connection = _idle.TryTake(out var idle) ? idle : Open();
        try
        {
            // The snapshot is taken by the first query, which is the one for the position.
            connection.Run("BEGIN DEFERRED");
            var position = new ChangePosition(ChangeLog.LastSeq(connection), epoch);
            var result = query(new ReadTransaction(connection, position));
            connection.Run("COMMIT");
            _idle.Add(connection);
            return result;
        }
        catch
        {
            // Whatever state it is in, closing ends it; failures are too rare to save a connection for.
            connection.Dispose();
            throw;
        }
    }

    private PreparedConnection Open()
    {
        var connection = SqliteSettings.Connect(path, SqliteOpenMode.ReadOnly);
        SqliteSettings.ApplyToReader(connection);
        return new PreparedConnection(connection);
    }
}
