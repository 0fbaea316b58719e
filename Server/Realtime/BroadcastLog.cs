using Kaffediem.Protocol;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// One log line for every change that is broadcast, so that a developer sees what left the server and how many clients
/// listened: at Information in Development, otherwise at Debug. Never a record's content. When the level is off, the
/// cost is one check per run of changes.
/// </summary>
internal sealed partial class BroadcastLog(
    PhoenixEndpoint endpoint, IHostEnvironment environment, ILogger<BroadcastLog> logger)
{
    private readonly LogLevel _level = environment.IsDevelopment() ? LogLevel.Information : LogLevel.Debug;

    /// <summary>Logs changes of one topic that are about to be broadcast.</summary>
    public void Broadcasting(string topic, IReadOnlyList<ChangeView> changes)
    {
        if (!logger.IsEnabled(_level))
        {
            return;
        }

        var subscribers = endpoint.SubscriberCount(topic);
        foreach (var change in changes)
        {
            Log.Broadcasting(logger, _level, change.ActionName, topic, change.RecordId, change.Seq, subscribers);
        }
    }

    /// <summary>Logs that the whole menu, which has no id, is about to be broadcast.</summary>
    public void BroadcastingMenu(string topic, long seq)
    {
        if (logger.IsEnabled(_level))
        {
            var subscribers = endpoint.SubscriberCount(topic);
            Log.BroadcastingMenu(logger, _level, topic, seq, subscribers);
        }
    }

    private static partial class Log
    {
        [LoggerMessage("Broadcasting {Action} to {Topic} (id {Id}, seq {Seq}, subscribers: {Subscribers})")]
        public static partial void Broadcasting(
            ILogger logger, LogLevel level, string action, string topic, long id, long seq, int subscribers);

        [LoggerMessage("Broadcasting update to {Topic} (seq {Seq}, subscribers: {Subscribers})")]
        public static partial void BroadcastingMenu(
            ILogger logger, LogLevel level, string topic, long seq, int subscribers);
    }
}
