using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Protocol;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// Log to screens, in order: the only place that broadcasts a <c>change</c> (DESIGN: the log is the only source).
/// It begins at the end of the log: who joins later has what came before in the snapshot.
/// </summary>
internal sealed partial class ChangeFeed(
    Database database, PhoenixEndpoint endpoint, MenuFeed menu, TimeProvider time, ILogger<ChangeFeed> logger) : BackgroundService
{
    public const string Event = "change";

    private const int MaxChangesPerRead = 200;

    // After this much, wait until it is on its way: a client's outbox holds 1 MiB, and a healthy client must not lose it.
    private const int MaxBytesPerFlush = 256 * 1024;

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private long _cursor = database.LastSeq;
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
                foreach (var change in changes)
                {
                    await BroadcastAsync(change, cancellationToken);
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

    private async Task BroadcastAsync(Change change, CancellationToken cancellationToken)
    {
        var view = new ChangeView(change);
        endpoint.Broadcast(CollectionTopic.Of(change.Collection), Event, change.Seq, group =>
            group is View client && view.For(client) is { } json ? Payload.FromJson(json) : null);
        _cursor = change.Seq;
        if (MenuQuery.Collections.Contains(change.Collection))
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
