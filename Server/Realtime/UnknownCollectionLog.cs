using Kaffediem.Protocol;
using Kaffediem.Server.Http;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// Warns of every join of an unknown collection, which is answered with an empty list: a misspelled name looks like a
/// quiet day. Clients choose the names and how often they join, so it logs a few a minute, and counts the rest.
/// Thread-safe.
/// </summary>
internal sealed partial class UnknownCollectionLog(Collections collections, TimeProvider time, ILogger logger)
{
    private const int MaxPerMinute = 10;

    private readonly LogThrottle _throttle = new(time, MaxPerMinute);

    public void Add(string collection)
    {
        var isAllowed = _throttle.Allows(out var leftOut);
        if (leftOut > 0)
        {
            Log.LeftOut(logger, leftOut);
        }

        if (isAllowed)
        {
            Log.UnknownCollection(logger, collection, NameHints.List(collections.Names, collection));
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
        public static partial void LeftOut(ILogger logger, int count);
    }
}
