using System.Globalization;
using Kaffediem.Persistence.Orders;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace Kaffediem.Persistence;

/// <summary>
/// Runs requests in one transaction, and so with one sync to the disk; each has its own savepoint, so that one that fails
/// spoils only itself. For one thread at a time.
/// </summary>
internal sealed partial class GroupCommit(PreparedConnection connection, TimeProvider time, ILogger logger)
{
    // Several orders' worth: readiness is not to come and go with every few kilobytes that somebody frees.
    private const int LeastProbe = 64;

    private const int PageSize = 4096;

    private readonly OrderCache _cache = new(connection);
    private readonly WriteFault _fault = new(logger);
    private long _lastSeq = ChangeLog.LastSeq(connection);
    private long _count;

    /// <summary>The last committed change, 0 before the first. Any thread may ask.</summary>
    public long LastSeq => Volatile.Read(ref _lastSeq);

    /// <summary>How many transactions were committed, for tests. Any thread may ask.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <inheritdoc cref="WriteFault.Description"/>
    public string? Fault => _fault.Description;

    /// <inheritdoc cref="WriteFault.IsDamage"/>
    public bool IsDamaged => _fault.IsDamage;

    /// <summary>Runs and commits them, and tells their callers.</summary>
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
            _cache.BeginTransaction();
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

        // A commit of nothing does not touch the disk, and the rest of a batch proves nothing about the request that failed.
        if (CountPagesWritten() - pagesBefore is > 0 and var pages && _fault.Count == failedBefore)
        {
            _fault.Succeeded(pages);
        }

        Volatile.Write(ref _count, _count + 1);
        var hasChanges = lastSeq > _lastSeq;
        // Before anybody is told: who has written may ask at once.
        Volatile.Write(ref _lastSeq, lastSeq);
        foreach (var tell in outcomes)
        {
            tell();
        }

        return hasChanges;
    }

    /// <summary>
    /// Finds out whether writes work again: writes as many pages to the log as the largest transaction that failed, at least
    /// <see cref="LeastProbe"/>, takes them back, and then commits one page that it leaves as it was. The commit syncs the whole
    /// log. The pages stay allocated in the log's file, so the room that was found is kept for the next writes.
    /// </summary>
    /// <param name="isWhole">Whether the whole file has been read just now, and is in order.</param>
    public void Probe(bool isWhole)
    {
        var pages = CountPagesWritten();
        try
        {
            RefuseIfMoved();
            WriteAndTakeBack(Math.Max(_fault.PagesToWrite, LeastProbe));
            connection.Run("BEGIN IMMEDIATE");
            // Kaffebase does not use the number. Setting it writes its page, even to the value it has.
            var number = connection.ReadNumber("PRAGMA user_version");
            connection.Sqlite.Run($"PRAGMA user_version = {number.ToString(CultureInfo.InvariantCulture)}");
            connection.Run("COMMIT");
        }
        catch (Exception exception) when (DatabaseFault.Is(exception))
        {
            RollBack();
            Log.StillFailing(logger, DatabaseFault.Describe(exception)!);
            return;
        }

        pages = CountPagesWritten() - pages;
        if (isWhole)
        {
            _fault.FoundWhole(pages);
        }
        else
        {
            _fault.Succeeded(pages);
        }

        if (_fault.Description is { } description)
        {
            Log.StillFailing(logger, description);
        }
    }

    private void WriteAndTakeBack(int pages)
    {
        connection.Run("BEGIN IMMEDIATE");
        // Into a table of ours that no other statement reads after the start. Random: file systems that compress need no room
        // for zeros.
        connection.Sqlite.Run(
            """
            INSERT INTO kaffediem_migrations (name, inserted_at)
                 VALUES ('probe', randomblob(@bytes))
            """,
            ("@bytes", (long)pages * PageSize));
        SqliteNative.Flush(connection.Sqlite);
        connection.Run("ROLLBACK");
    }

    // An acknowledged write would otherwise be in a file that nobody finds again. If the file is moved back, writing resumes.
    private void RefuseIfMoved()
    {
        if (SqliteNative.HasMoved(connection.Sqlite))
        {
            throw new DatabaseException($"{connection.DataSource} is no longer the file that was opened.");
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
            var transaction = new WriteTransaction(connection, _cache, time.GetUtcNow());
            var seq = lastSeq;
            var changes = request.Run(transaction);
            foreach (var change in changes)
            {
                seq = ChangeLog.Append(transaction, change);
            }

            connection.Run("RELEASE request");
            _cache.OnWritten(changes);
            lastSeq = seq;
            return request.Acknowledge;
        }
        catch (Exception exception) when (IsInTransaction())
        {
            connection.Run("ROLLBACK TO request");
            connection.Run("RELEASE request");
            _cache.Forget();
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
        _cache.Forget();
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

    // SQLite counts the pages of a commit before it writes them, so what failed is in it. Before the commit it writes only
    // when its cache is full of further changes.
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
