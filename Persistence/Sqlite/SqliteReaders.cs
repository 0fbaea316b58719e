using System.Collections.Concurrent;
using Kaffediem.Persistence.Transactions;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>
/// The readers of one lane: a few read-only connections, opened when first needed and lent to one read at a time.
/// </summary>
internal sealed class SqliteReaders(int connections, string path, string epoch) : IDisposable
{
    private readonly ConcurrentBag<SqliteReader> _idle = [];

    // The bound of the lane: a read without a turn waits, so a storm of reads neither opens files nor blocks threads.
    private readonly SemaphoreSlim _turns = new(connections);

    private volatile bool _isClosed;

    public async Task<T> ReadAsync<T>(Func<ReadTransaction, T> query, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            return Read(query, cancellationToken);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>Waits for the running reads and closes the connections.</summary>
    public void Dispose()
    {
        _isClosed = true;
        for (var turn = 0; turn < connections; turn++)
        {
            _turns.Wait();
        }

        while (_idle.TryTake(out var reader))
        {
            reader.Dispose();
        }

        // The semaphore is not disposed: reads that still wait get their turn, and are refused.
        _turns.Release(connections);
    }

    private T Read<T>(Func<ReadTransaction, T> query, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        try
        {
            return Lend(reader => reader.Read(query, epoch, cancellationToken));
        }
        catch (SqliteException exception) when (SqliteFault.Of(exception) is { } fault)
        {
            throw new ReadFailedException(fault.Description, exception);
        }
    }

    // After a failure the connection is closed, whatever state it is in. Failures are too rare to be worth saving it.
    private T Lend<T>(Func<SqliteReader, T> read) =>
        Handover.To(_idle.TryTake(out var idle) ? idle : SqliteReader.Open(path), reader =>
        {
            var result = read(reader);
            _idle.Add(reader);
            return result;
        });
}
