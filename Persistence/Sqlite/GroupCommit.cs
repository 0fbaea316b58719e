using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Sqlite.Statements;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>
/// Runs several requests in one transaction, and so with one sync to the disk. Each has its own savepoint, so that a
/// failing request undoes only itself. For one thread at a time.
/// </summary>
internal sealed partial class GroupCommit(PreparedConnection connection, TimeProvider time, ILogger logger)
{
    // 256 KB, several orders: readiness should not flip with every few kilobytes that somebody frees on the disk.
    private const int LeastProbe = 64;

    private readonly WriteCaches _caches = new(connection);
    private readonly WriteFault _fault = new(time, logger);
    private long _lastSeq = ChangeLog.LastSeq(connection);
    private long _dataVersion;

    /// <summary>The last committed change, 0 before the first. Any thread may read it.</summary>
    public long LastSeq => Volatile.Read(ref _lastSeq);

    /// <inheritdoc cref="WriteFault.Description"/>
    public string? Fault => _fault.Description;

    /// <inheritdoc cref="WriteFault.IsDamage"/>
    public bool IsDamaged => _fault.IsDamage;

    /// <inheritdoc cref="WriteFault.Count"/>
    public long FailedCount => _fault.Count;

    /// <summary>Runs and commits the requests, and completes them.</summary>
    /// <returns>Whether changes were committed.</returns>
    public bool Run(IReadOnlyList<WriteRequest> batch)
    {
        var outcomes = new Action[batch.Count];
        var lastSeq = _lastSeq;
        var (pagesBefore, failedBefore) = (CountPagesWritten(), _fault.Count);
        var isCommitting = false;
        try
        {
            RefuseIfMoved();
            connection.Run("BEGIN IMMEDIATE");
            ForgetIfOthersWrote();
            for (var i = 0; i < batch.Count; i++)
            {
                outcomes[i] = RunRequest(batch[i], ref lastSeq);
            }

            isCommitting = true;
            connection.Run("COMMIT");
        }
        catch (Exception exception)
        {
            RollBack();
            var pages = PagesWanted(pagesBefore, isCommitting);
            FailAll(batch, _fault.Failed(exception, SqliteFault.Of(exception), batch.Count, pages));
            return false;
        }

        // An empty commit does not touch the disk, and the rest of a batch proves nothing about a request in it that
        // failed.
        if (CountPagesWritten() - pagesBefore is > 0 and var written && _fault.Count == failedBefore)
        {
            _fault.Succeeded(written, isWhole: false);
        }

        var hasChanges = lastSeq > _lastSeq;
        // Before the requests are completed: their callers may read it at once.
        Volatile.Write(ref _lastSeq, lastSeq);
        foreach (var complete in outcomes)
        {
            complete();
        }

        return hasChanges;
    }

    /// <summary>
    /// Finds out whether writes work again, with a transaction as large as the largest that failed. Nothing of it is
    /// kept.
    /// </summary>
    /// <param name="wholeAfter">
    /// If the whole file was read and is not damaged, <see cref="FailedCount"/> as it was before the reading; otherwise
    /// <c>null</c>.
    /// </param>
    public void Probe(long? wholeAfter)
    {
        var pages = CountPagesWritten();
        try
        {
            RefuseIfMoved();
            WriteTrial.Run(connection.Sqlite, Math.Max(_fault.PagesToWrite, LeastProbe));
        }
        catch (Exception exception) when (SqliteFault.Of(exception) is { } fault)
        {
            RollBack();
            Log.StillFailing(logger, fault.Description);
            return;
        }

        // A failure since then may mean new damage.
        _fault.Succeeded(CountPagesWritten() - pages, isWhole: wholeAfter == _fault.Count);
        if (_fault.Description is { } description)
        {
            Log.StillFailing(logger, description);
        }
    }

    // Otherwise acknowledged writes would go to a file that was moved or deleted. If it is moved back, writing resumes.
    private void RefuseIfMoved()
    {
        if (SqliteNative.HasMoved(connection.Sqlite))
        {
            throw new DatabaseException($"{connection.DataSource} is no longer the file that was opened.");
        }
    }

    // Inside a transaction, in which no other program can write.
    private void ForgetIfOthersWrote()
    {
        // SQLite: the value changes when another connection has committed.
        var dataVersion = connection.ReadNumber("PRAGMA data_version");
        if (dataVersion != _dataVersion)
        {
            _caches.Forget();
            _dataVersion = dataVersion;
        }
    }

    /// <returns>Completes the request, once the batch is committed.</returns>
    private Action RunRequest(WriteRequest request, ref long lastSeq)
    {
        if (request.IsCancelled)
        {
            return request.Cancel;
        }

        connection.Run("SAVEPOINT request");
        try
        {
            var transaction = new WriteTransaction(connection, _caches, time.GetUtcNow());
            var seq = lastSeq;
            var changes = request.Run(transaction);
            foreach (var change in changes)
            {
                seq = ChangeLog.Append(transaction, change);
            }

            connection.Run("RELEASE request");
            _caches.OnWritten([.. changes.Select(change => change.Collection)]);
            lastSeq = seq;
            return request.Acknowledge;
        }
        catch (Exception exception) when (IsInTransaction())
        {
            connection.Run("ROLLBACK TO request");
            connection.Run("RELEASE request");
            _caches.Forget();
            ForgetPagesIfDamaged(exception);
            var failure = SqliteFault.Of(exception) is { } fault
                ? _fault.Failed(exception, fault, requests: 1, pages: 0)
                : exception;
            return () => request.Fail(failure);
        }
    }

    // SQLite keeps the pages it has read. After a repair, or if the disk reads better the second time, it must read
    // them again.
    private void ForgetPagesIfDamaged(Exception exception)
    {
        if (exception is SqliteException sqlite && SqliteFault.CodeOf(sqlite) == raw.SQLITE_CORRUPT)
        {
            connection.Run("PRAGMA shrink_memory");
        }
    }

    private void RollBack()
    {
        _caches.Forget();
        try
        {
            if (IsInTransaction())
            {
                connection.Run("ROLLBACK");
            }
        }
        catch (SqliteException exception)
        {
            // The next BEGIN fails, which leads here again. So no write is acknowledged that is not committed.
            Log.RollbackFailed(logger, exception);
        }
    }

    private static void FailAll(IReadOnlyList<WriteRequest> batch, Exception exception)
    {
        foreach (var request in batch)
        {
            request.Fail(exception);
        }
    }

    // SQLite counts the pages of a commit before it writes them, so the count includes those that failed. Before the
    // commit it writes only when its cache is full, so at least another cache of changes was to follow.
    private int PagesWanted(int pagesBefore, bool isCommitting) => (CountPagesWritten() - pagesBefore) switch
    {
        > 0 and var pages when !isCommitting => pages + SqliteSettings.WriterCachePages,
        var pages => pages,
    };

    // SQLITE_DBSTATUS_CACHE_WRITE: in WAL mode, pages written to the log.
    private int CountPagesWritten()
    {
        raw.sqlite3_db_status(connection.Sqlite.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 0);
        return pages;
    }

    // Some failures, for example a full disk, make SQLite end the transaction by itself. Then the whole batch fails.
    private bool IsInTransaction() => raw.sqlite3_get_autocommit(connection.Sqlite.Handle) == 0;

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "A failed batch of writes could not be rolled back.")]
        public static partial void RollbackFailed(ILogger logger, Exception exception);

        [LoggerMessage(LogLevel.Debug, "Writes still fail: {Reason}")]
        public static partial void StillFailing(ILogger logger, string reason);
    }
}
