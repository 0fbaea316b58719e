using System.Threading.Channels;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace Kaffediem.Persistence;

/// <summary>
/// The one writer of the file: a thread that owns the write connection and takes requests from a bounded queue.
/// All requests that wait share one transaction and so one sync to the disk (group commit); each has its own
/// savepoint, so that one that fails spoils only itself.
/// </summary>
internal sealed partial class SqliteWriter
{
    private readonly PreparedConnection _connection;
    private readonly DatabaseOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<WriteRequest> _queue;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One place: however many commits there were, the feed has to look once. A full queue already says so.
    private readonly Channel<bool> _commits = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private long _lastSeq;
    private long _commitCount;

    public SqliteWriter(PreparedConnection connection, DatabaseOptions options, TimeProvider time, ILogger logger)
    {
        _connection = connection;
        _options = options;
        _time = time;
        _logger = logger;
        _lastSeq = ChangeLog.LastSeq(connection);
        // Full: the callers wait. A write is never dropped, and what waits takes a bounded amount of memory.
        _queue = Channel.CreateBounded<WriteRequest>(
            new BoundedChannelOptions(options.MaxQueuedWrites) { SingleReader = true });
        // Ends by Stop; in the background so that a process which forgets that can still end.
        new Thread(Run) { Name = "Kaffediem writer", IsBackground = true }.Start();
    }

    public long LastSeq => Volatile.Read(ref _lastSeq);

    /// <summary>How many transactions were committed, for tests of the group commit.</summary>
    public long CommitCount => Volatile.Read(ref _commitCount);

    /// <summary>Ends when the thread has.</summary>
    public Task Stopped => _stopped.Task;

    public async Task<T> WriteAsync<T>(Func<WriteTransaction, Written<T>> work, CancellationToken cancellationToken)
    {
        var request = new WriteRequest<T>(work, cancellationToken);
        try
        {
            await _queue.Writer.WriteAsync(request, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(Database), "The database is closed: the write was not accepted.");
        }

        return await request.Completion;
    }

    public async Task WaitForCommitAsync(CancellationToken cancellationToken) =>
        await _commits.Reader.ReadAsync(cancellationToken);

    /// <summary>Accepts no more requests; the thread ends when the accepted ones are done.</summary>
    public void Stop() => _queue.Writer.TryComplete();

    private void Run()
    {
        var batch = new List<WriteRequest>();
        while (WaitForRequests())
        {
            while (batch.Count < _options.MaxBatch && _queue.Reader.TryRead(out var request))
            {
                batch.Add(request);
            }

            RunBatch(batch);
            batch.Clear();
        }

        _stopped.SetResult();
    }

    // Blocking is what a dedicated thread is for; SQLite's calls block it just the same.
    private bool WaitForRequests() => _queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();

    private void RunBatch(List<WriteRequest> batch)
    {
        var outcomes = new List<Action>(batch.Count);
        var lastSeq = _lastSeq;
        try
        {
            _connection.Execute("BEGIN IMMEDIATE");
            foreach (var request in batch)
            {
                outcomes.Add(RunRequest(request, ref lastSeq));
            }

            _connection.Execute("COMMIT");
        }
        catch (Exception exception)
        {
            Log.BatchFailed(_logger, exception, batch.Count);
            RollBack();
            batch.ForEach(request => request.Fail(exception));
            return;
        }

        Volatile.Write(ref _commitCount, _commitCount + 1);
        if (lastSeq > _lastSeq)
        {
            Volatile.Write(ref _lastSeq, lastSeq);
            _commits.Writer.TryWrite(true);
        }

        outcomes.ForEach(tell => tell());
    }

    /// <returns>How to tell the caller, once the batch is committed.</returns>
    private Action RunRequest(WriteRequest request, ref long lastSeq)
    {
        if (request.IsCancelled)
        {
            return request.Cancel;
        }

        _connection.Execute("SAVEPOINT request");
        try
        {
            var transaction = new WriteTransaction(_connection, _time.GetUtcNow());
            var seq = lastSeq;
            foreach (var change in request.Run(transaction))
            {
                seq = ChangeLog.Append(transaction, change);
            }

            _connection.Execute("RELEASE request");
            lastSeq = seq;
            return request.Acknowledge;
        }
        catch (Exception exception) when (IsInTransaction())
        {
            _connection.Execute("ROLLBACK TO request; RELEASE request");
            return () => request.Fail(exception);
        }
    }

    private void RollBack()
    {
        try
        {
            if (IsInTransaction())
            {
                _connection.Execute("ROLLBACK");
            }
        }
        catch (SqliteException exception)
        {
            // The next BEGIN fails, which leads here again: no write is taken for committed that is not.
            Log.RollbackFailed(_logger, exception);
        }
    }

    // Some failures, a full disk for one, make SQLite end the transaction by itself: then the batch fails as one.
    private bool IsInTransaction() => raw.sqlite3_get_autocommit(_connection.Sqlite.Handle) == 0;

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "A batch of {Requests} writes failed and was rolled back.")]
        public static partial void BatchFailed(ILogger logger, Exception exception, int requests);

        [LoggerMessage(LogLevel.Error, "A failed batch of writes could not be rolled back.")]
        public static partial void RollbackFailed(ILogger logger, Exception exception);
    }
}
