using Kaffediem.Protocol;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// Warns of every join of an unknown collection, which is answered with an empty list: a misspelled name looks like a quiet
/// day. Clients choose the names and how often they join, so it logs a few a minute, and counts the rest. Thread-safe.
/// </summary>
internal sealed partial class UnknownCollectionLog(TimeProvider time, ILogger logger)
{
    private const int MaxPerMinute = 10;

    // Guards the fields below, which change together; nothing is logged under it.
    private readonly Lock _lock = new();
    private DateTimeOffset _minuteEnd = DateTimeOffset.MinValue;
    private int _joins;

    public void Add(string collection)
    {
        var (count, unlogged) = Count();
        if (unlogged > 0)
        {
            Log.Unlogged(logger, unlogged);
        }

        if (count <= MaxPerMinute)
        {
            Log.UnknownCollection(logger, collection, NameHints.List(Collections.All, collection));
        }
    }

    // The number of this join in its minute, and how many of the minute before were not logged.
    private (int Count, int Unlogged) Count()
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            var unlogged = 0;
            if (now >= _minuteEnd)
            {
                unlogged = Math.Max(0, _joins - MaxPerMinute);
                (_joins, _minuteEnd) = (0, now + TimeSpan.FromMinutes(1));
            }

            return (++_joins, unlogged);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "A client joined the collection \"{Collection}\", which does not exist, and got an empty list. "
            + "The collections are {Existing}.")]
        public static partial void UnknownCollection(ILogger logger, ClientText collection, string existing);

        [LoggerMessage(LogLevel.Warning, "{Count} more joins of collections that do not exist were not logged.")]
        public static partial void Unlogged(ILogger logger, int count);
    }
}
