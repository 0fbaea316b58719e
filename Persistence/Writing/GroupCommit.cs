using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace Kaffediem.Persistence.Writing;

/// <summary>
/// Runs requests in one transaction, and so with one sync to the disk; each has its own savepoint, so that one that
/// fails spoils only itself. For one thread at a time.
/// </summary>
internal sealed partial class GroupCommit(PreparedConnection connection, TimeProvider time, ILogger logger)
{
    // 256 KB, several orders: readiness should not change with every few kilobytes that somebody frees.
    private const int LeastProbe = 64;

    private readonly WriteCaches _caches = new(connection);
    private readonly WriteFault _fault = new(time, logger);
    private long _lastSeq = ChangeLog.LastSeq(connection);
    private long _count;
    private long _dataVersion;

    /// <summary>The last committed change, 0 before the first. Any thread may ask.</summary>
    public long LastSeq => Volatile.Read(ref _lastSeq);

    /// <summary>How many transactions were committed, for tests. Any thread may ask.</summary>
    public long Count => Volatile.Read(ref _count);

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
            FailAll(batch, _fault.Failed(exception, batch.Count, PagesWanted(pagesBefore, isCommitting)));
            return false;
        }

        // A commit of nothing does not touch the disk, and the rest of a batch proves nothing about the request that
        // failed.
        if (CountPagesWritten() - pagesBefore is > 0 and var pages && _fault.Count == failedBefore)
        {
            _fault.Succeeded(pages, isWhole: false);
        }

        Volatile.Write(ref _count, _count + 1);
        var hasChanges = lastSeq > _lastSeq;
        // Before the requests are completed: their callers may ask for it at once.
        Volatile.Write(ref _lastSeq, lastSeq);
        foreach (var tell in outcomes)
        {
            tell();
        }

        return hasChanges;
    }

    /// <summary>
    /// Finds out whether writes work again, with a transaction as large as the largest that failed, of which nothing
    /// stays.
    /// </summary>
    /// <param name="wholeAfter">
    /// <see cref="FailedCount"/> when the whole file was about to be read, if it was found in order; <c>null</c> if it
    /// was not.
    /// </param>
    public void Probe(long? wholeAfter)
    {
        var pages = CountPagesWritten();
        try
        {
            RefuseIfMoved();
            WriteTrial.Run(connection.Sqlite, Math.Max(_fault.PagesToWrite, LeastProbe));
        }
        catch (Exception exception) when (DatabaseFault.Is(exception))
        {
            RollBack();
            Log.StillFailing(logger, DatabaseFault.Describe(exception)!);
            return;
        }

        // A failure since then may be of new damage.
        _fault.Succeeded(CountPagesWritten() - pages, isWhole: wholeAfter == _fault.Count);
        if (_fault.Description is { } description)
        {
            Log.StillFailing(logger, description);
        }
    }

    // An acknowledged write would otherwise be in a file that nobody finds again. If the file is moved back, writing
    // resumes.
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

    /// <returns>How to tell the caller, once the batch is committed.</returns>
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
            _caches.OnWritten(changes);
            lastSeq = seq;
            return request.Acknowledge;
        }
        catch (Exception exception) when (IsInTransaction())
        {
            connection.Run("ROLLBACK TO request");
            connection.Run("RELEASE request");
            _caches.Forget();
            ForgetPagesIfDamaged(exception);
            var failure = DatabaseFault.Is(exception) ? _fault.Failed(exception, requests: 1, pages: 0) : exception;
            return () => request.Fail(failure);
        }
    }

    // SQLite keeps what it has read; a disk that is mended, or reads better the second time, is to be believed again.
    private void ForgetPagesIfDamaged(Exception exception)
    {
        if (exception is SqliteException sqlite && DatabaseFault.CodeOf(sqlite) == raw.SQLITE_CORRUPT)
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
            // The next BEGIN fails, which leads here again: no write is taken for committed that is not.
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

    // SQLite counts the pages of a commit before it writes them, so what failed is in it. Before the commit it writes
    // only when its cache is full of further changes.
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

    // Some failures, a full disk for one, make SQLite end the transaction by itself: then the batch fails as one.
    private bool IsInTransaction() => raw.sqlite3_get_autocommit(connection.Sqlite.Handle) == 0;

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "A failed batch of writes could not be rolled back.")]
        public static partial void RollbackFailed(ILogger logger, Exception exception);

        [LoggerMessage(LogLevel.Debug, "Writes still fail: {Reason}")]
        public static partial void StillFailing(ILogger logger, string reason);
    }
}
