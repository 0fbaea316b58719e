using Microsoft.Extensions.Logging;

namespace Kaffediem.Persistence.Writing;

/// <summary>
/// Counts the writes that a full queue refuses, and logs when that begins and ends, at most once a minute: thousands of
/// lines would only add to the load. Thread-safe.
/// </summary>
internal sealed partial class WriteRefusals(int maxQueuedWrites, TimeProvider time, ILogger logger)
{
    private readonly LogPause _pause = new(time);
    private long _count;

    // The refusals since the last line about an end.
    private long _unlogged;
    private volatile bool _hasLogged;

    /// <summary>Whether writes were refused since the last end.</summary>
    public bool HaveBegun => Volatile.Read(ref _count) > 0;

    /// <summary>Counts a refused write.</summary>
    public void Add()
    {
        if (Interlocked.Increment(ref _count) == 1)
        {
            _hasLogged = _pause.TryTake(out _);
            if (_hasLogged)
            {
                Log.Begun(logger, maxQueuedWrites);
            }
        }
    }

    /// <summary>Notes that there is room again.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _count, 0) is > 0 and var count)
        {
            Interlocked.Add(ref _unlogged, count);
            if (_hasLogged)
            {
                Log.Ended(logger, Interlocked.Exchange(ref _unlogged, 0));
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "Writes arrive faster than the disk can keep up: {Max} are waiting, and further ones are refused.")]
        public static partial void Begun(ILogger logger, int max);

        [LoggerMessage(LogLevel.Information, "There is room for writes again; {Count} were refused.")]
        public static partial void Ended(ILogger logger, long count);
    }
}
