using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Log;
using Kaffediem.Protocol;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// Broadcasts the log, in order: the only place that broadcasts a <c>change</c> (docs/design.md, "One write"), and
/// that hands changes to the event streams. It begins at the end of the log: a client that joins later finds the
/// earlier changes in its snapshot.
/// </summary>
internal sealed partial class ChangeFeed(
    Database database,
    PhoenixEndpoint endpoint,
    MenuFeed menu,
    RecentChanges recent,
    BroadcastLog log,
    TimeProvider time,
    ILogger<ChangeFeed> logger) : BackgroundService
{
    public const string Event = "change";

    private const int MaxChangesPerRead = 200;

    // After this much, wait until it is sent: a client's outbox holds 1 MiB, and a healthy client must not overflow it.
    private const int MaxBytesPerFlush = 256 * 1024;

    // A run is encoded into one array, which should stay small enough not to be a large object to the collector.
    private const int MaxBytesPerRun = 32 * 1024;

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private long _cursor = recent.LastSeq;
    private int _unflushedBytes;
    private volatile bool _isBroken;

    /// <summary>
    /// Whether the last attempt to read the log and broadcast has failed. It is repeated every second.
    /// </summary>
    public bool IsBroken => _isBroken;

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
            // The server is stopping; clients reconnect and get a snapshot.
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
                foreach (var run in Runs(views))
                {
                    await BroadcastAsync(run, cancellationToken);
                }
            }
            while (changes.Count == MaxChangesPerRead);
            _isBroken = false;
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _isBroken = true;
            Log.Failed(logger, exception, _cursor);
            return false;
        }
    }

    // Changes of one collection that follow each other; those of others in between keep their place.
    private static IEnumerable<List<ChangeView>> Runs(List<ChangeView> views)
    {
        var run = new List<ChangeView>();
        var length = 0;
        foreach (var view in views)
        {
            if (run.Count > 0 && (view.Collection != run[0].Collection || length + view.RecordLength > MaxBytesPerRun))
            {
                yield return run;
                (run, length) = ([], 0);
            }

            run.Add(view);
            length += view.RecordLength;
        }

        if (run.Count > 0)
        {
            yield return run;
        }
    }

    private async Task BroadcastAsync(List<ChangeView> run, CancellationToken cancellationToken)
    {
        var collection = run[0].Collection;
        var topic = CollectionTopic.Of(collection);
        log.Broadcasting(topic, run);
        endpoint.BroadcastAll(
            topic,
            Event,
            run.ConvertAll(view => new GroupedPayload(
                view.Seq,
                group => group is View client && view.For(client) is { } json ? Payload.FromJson(json) : null)));
        _cursor = run[^1].Seq;
        if (MenuQuery.Collections.Contains(collection))
        {
            menu.Changed();
        }

        _unflushedBytes += run.Sum(view => view.Length);
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
