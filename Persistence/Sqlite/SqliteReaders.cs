using System.Collections.Concurrent;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>
/// The readers of one lane: a few read-only connections, opened when first needed and lent to one read at a time.
/// </summary>
internal sealed class SqliteReaders(int connections, string path, string epoch) : IDisposable
{
    private readonly ConcurrentBag<SqliteReader> _idle = [];

    // Its turns are the bound: a read without one waits, so a storm of reads neither opens files nor takes threads.
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

        // Not disposed: reads that still wait for a turn get one, and are refused.
        _turns.Release(connections);
    }

    private T Read<T>(Func<ReadTransaction, T> query, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isClosed, typeof(Database));
        var reader = _idle.TryTake(out var idle) ? idle : SqliteReader.Open(path);
        try
        {
            var result = reader.Read(query, epoch, cancellationToken);
            _idle.Add(reader);
            return result;
        }
        catch
        {
            // Whatever state it is in, closing ends it; failures are too rare to save a connection for.
            reader.Dispose();
            throw;
        }
    }
}
