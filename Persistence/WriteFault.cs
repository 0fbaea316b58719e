using Microsoft.Extensions.Logging;

namespace Kaffediem.Persistence;

/// <summary>
/// Whether the disk fails the writes, from the first that it fails to the next that reaches it; logged when that begins and
/// when it is over, and each kind of fault once between, not for each write. One thread at a time calls it, and any reads it.
/// </summary>
internal sealed partial class WriteFault(ILogger logger)
{
    // What this row has shown so far: a full disk is now one error, now another.
    private readonly HashSet<string> _logged = new(StringComparer.Ordinal);
    private string? _description;
    private long _count;

    /// <summary>What is wrong, in one line without the file's name; <c>null</c> when nothing is.</summary>
    public string? Description => Volatile.Read(ref _description);

    /// <summary>A transaction failed, or all that was to be written in it.</summary>
    /// <returns>What to tell the callers.</returns>
    public Exception Failed(Exception exception, int requests)
    {
        // Its text has the file's path, which is for the log only.
        var description = exception is DatabaseException
            ? "The database is no longer the file that was opened."
            : DatabaseFault.Describe(exception);
        if (description is null)
        {
            Log.Failed(logger, exception, requests);
            return exception;
        }

        if (_logged.Add(description))
        {
            Log.Begun(logger, exception, requests);
        }

        _count += requests;
        Volatile.Write(ref _description, description);
        return new WriteFailedException(description, exception);
    }

    /// <summary>A transaction has reached the disk.</summary>
    public void Succeeded()
    {
        if (_description is not null)
        {
            Log.Ended(logger, _count);
            _count = 0;
            _logged.Clear();
            Volatile.Write(ref _description, null);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "A batch of {Requests} writes failed and was rolled back.")]
        public static partial void Failed(ILogger logger, Exception exception, int requests);

        [LoggerMessage(
            LogLevel.Error,
            "A batch of {Requests} writes failed and was rolled back. Further ones that fail so are counted, not logged.")]
        public static partial void Begun(ILogger logger, Exception exception, int requests);

        [LoggerMessage(LogLevel.Information, "Writes reach the disk again; {Count} have failed.")]
        public static partial void Ended(ILogger logger, long count);
    }
}
