using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Protocol;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// Log to screens, in order: the only place that broadcasts a <c>change</c> (DESIGN: the log is the only source), and that
/// tells the event streams.
/// It begins at the end of the log: who joins later has what came before in the snapshot.
/// </summary>
internal sealed partial class ChangeFeed(
    Database database,
    PhoenixEndpoint endpoint,
    MenuFeed menu,
    RecentChanges recent,
    TimeProvider time,
    ILogger<ChangeFeed> logger) : BackgroundService
{
    public const string Event = "change";

    private const int MaxChangesPerRead = 200;

    // After this much, wait until it is on its way: a client's outbox holds 1 MiB, and a healthy client must not lose it.
    private const int MaxBytesPerFlush = 256 * 1024;

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private long _cursor = recent.LastSeq;
    private int _unflushedBytes;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await database.WaitForCommitAsync(stoppingToken);
                while (!await TryCatchUpAsync(stoppingToken))
                {
                    await Task.Delay(PauseAfterFailure, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server is going down; the screens come back for a snapshot.
        }
    }

    private async Task<bool> TryCatchUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<Change> changes;
            do
            {
                changes = await database.ReadChangesAsync(_cursor, MaxChangesPerRead, cancellationToken);
                List<ChangeView> views = [.. changes.Select(change => new ChangeView(change))];
                recent.Append(views);
                foreach (var view in views)
                {
                    await BroadcastAsync(view, cancellationToken);
                }
            }
            while (changes.Count == MaxChangesPerRead);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.Failed(logger, exception, _cursor);
            return false;
        }
    }

    private async Task BroadcastAsync(ChangeView view, CancellationToken cancellationToken)
    {
        endpoint.Broadcast(CollectionTopic.Of(view.Collection), Event, view.Seq, group =>
            group is View client && view.For(client) is { } json ? Payload.FromJson(json) : null);
        _cursor = view.Seq;
        if (MenuQuery.Collections.Contains(view.Collection))
        {
            menu.Changed();
        }

        _unflushedBytes += view.Length;
        if (_unflushedBytes >= MaxBytesPerFlush)
        {
            _unflushedBytes = 0;
            await endpoint.FlushAsync(cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Changes after seq {Seq} could not be broadcast; trying again.")]
        public static partial void Failed(ILogger logger, Exception exception, long seq);
    }
}
