using Kaffediem.Persistence.Sqlite;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Persistence.Writing;

/// <summary>
/// Whether writes fail, from the first failure until something at least as demanding has succeeded. A full disk may
/// still have room for a small transaction, so a transaction that failed is outweighed only by one of its size; damage
/// is outweighed only by a check of the whole file. The log has the beginning, each kind of fault once, and the end.
/// One thread at a time calls it; any thread may read the properties.
/// </summary>
internal sealed partial class WriteFault(TimeProvider time, ILogger logger)
{
    // Every kind of fault since the first failure: a full disk causes sometimes one error and sometimes another.
    private readonly HashSet<string> _logged = new(StringComparer.Ordinal);
    private readonly LogPause _pause = new(time);
    private string? _description;
    private long _count;
    private int _pagesToWrite;
    private volatile bool _isDamage;

    /// <summary>What is wrong, in one line without the file's name; <c>null</c> when nothing is.</summary>
    public string? Description => Volatile.Read(ref _description);

    /// <summary>How many requests have failed since the first failure.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>The pages of the largest transaction that failed: a smaller one proves nothing.</summary>
    public int PagesToWrite => _pagesToWrite;

    /// <summary>
    /// Whether something that is stored could not be read, so that only a check of the whole file ends the fault.
    /// </summary>
    public bool IsDamage => _isDamage;

    /// <summary>Notes that a transaction failed, or a request in it.</summary>
    /// <param name="exception">Why.</param>
    /// <param name="requests">How many requests failed with it.</param>
    /// <param name="pages">How many pages the transaction had to write; 0 when it failed before that mattered.</param>
    /// <returns>The exception for the callers.</returns>
    public Exception Failed(Exception exception, int requests, int pages)
    {
        // The text of a DatabaseException has the file's path, which is for the log only.
        var description = exception is DatabaseException
            ? "The database is no longer the file that was opened."
            : DatabaseFault.Describe(exception);
        if (description is null)
        {
            // A request that the code did not expect: a client could send it as often as it likes.
            if (_pause.TryTake(out var keptBack))
            {
                Log.Failed(logger, exception, requests, keptBack);
            }

            return exception;
        }

        if (_logged.Add(description))
        {
            Log.Begun(logger, exception, requests);
        }

        Volatile.Write(ref _count, _count + requests);
        _pagesToWrite = Math.Max(_pagesToWrite, pages);
        _isDamage |= DatabaseFault.IsDamage(exception);
        Volatile.Write(ref _description, description);
        return new WriteFailedException(description, exception);
    }

    /// <summary>Notes that a transaction is on the disk.</summary>
    /// <param name="pages">How many pages it had to write.</param>
    /// <param name="isWhole">Whether the whole file was read since the last failure, and is in order.</param>
    public void Succeeded(int pages, bool isWhole)
    {
        if (_description is null || pages < _pagesToWrite || (_isDamage && !isWhole))
        {
            return;
        }

        Log.Ended(logger, _count);
        _logged.Clear();
        _pagesToWrite = 0;
        _isDamage = false;
        Volatile.Write(ref _count, 0);
        Volatile.Write(ref _description, null);
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Error,
            "A batch of {Requests} writes failed and was rolled back. "
            + "Not logged since the last such line: {KeptBack}.")]
        public static partial void Failed(ILogger logger, Exception exception, int requests, long keptBack);

        [LoggerMessage(
            LogLevel.Error,
            "A batch of {Requests} writes failed and was rolled back. "
            + "Further ones that fail so are counted, not logged.")]
        public static partial void Begun(ILogger logger, Exception exception, int requests);

        [LoggerMessage(LogLevel.Information, "Writes reach the disk again; {Count} have failed.")]
        public static partial void Ended(ILogger logger, long count);
    }
}
