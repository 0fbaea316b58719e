using Microsoft.Extensions.Logging;

namespace Kaffediem.Persistence.Writing;

/// <summary>
/// Whether writes fail: from the first failure until a success that outweighs it. A full disk may still have room for a
/// small transaction, so only a transaction of at least the same size outweighs a failed one; only a check of the whole
/// file outweighs damage. The beginning, each kind of fault once, and the end are logged. One thread at a time calls
/// the methods; any thread may read the properties.
/// </summary>
internal sealed partial class WriteFault(TimeProvider time, ILogger logger)
{
    // The kinds of fault since the first failure: a full disk causes sometimes one error and sometimes another.
    private readonly HashSet<string> _logged = new(StringComparer.Ordinal);
    private readonly LogPause _pause = new(time);
    private string? _description;
    private long _count;
    private int _pagesToWrite;
    private volatile bool _isDamage;

    /// <summary>The fault in one line, without the file's name; <c>null</c> when writes work.</summary>
    public string? Description => Volatile.Read(ref _description);

    /// <summary>How many requests have failed since the first failure.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>
    /// The pages of the largest transaction that failed. The success of a smaller one proves nothing.
    /// </summary>
    public int PagesToWrite => _pagesToWrite;

    /// <summary>
    /// Whether stored data could not be read, so that only a check of the whole file ends the fault.
    /// </summary>
    public bool IsDamage => _isDamage;

    /// <summary>Notes that a transaction failed, or a request in it.</summary>
    /// <param name="exception">The cause.</param>
    /// <param name="fault">What the exception says about the machine; <c>null</c> for a fault of the program.</param>
    /// <param name="requests">How many requests failed with it.</param>
    /// <param name="pages">How many pages the transaction had to write; 0 when it failed before that mattered.</param>
    /// <returns>The exception for the callers.</returns>
    public Exception Failed(Exception exception, DiskFault? fault, int requests, int pages)
    {
        if (fault is not { Description: var description, IsDamage: var isDamage })
        {
            // A fault of the program. A client could repeat the request as often as it likes, so the lines are
            // throttled.
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
        _isDamage |= isDamage;
        Volatile.Write(ref _description, description);
        return new WriteFailedException(description, exception);
    }

    /// <summary>Notes that a transaction is on the disk.</summary>
    /// <param name="pages">How many pages it had to write.</param>
    /// <param name="isWhole">Whether the whole file was read since the last failure, and is not damaged.</param>
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
            + "Further failures of this kind are counted, not logged.")]
        public static partial void Begun(ILogger logger, Exception exception, int requests);

        [LoggerMessage(LogLevel.Information, "Writes reach the disk again; {Count} have failed.")]
        public static partial void Ended(ILogger logger, long count);
    }
}
