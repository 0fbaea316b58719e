using System.Threading.Channels;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Protocol;
using Kaffediem.Server.Catalog;
using Kaffediem.Server.Images;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// Sends the whole menu when a part of it has changed. The first change is sent at once, those that follow within
/// <see cref="MenuOptions.CoalesceMs"/> together: the menu is read when it is sent, so the last state always arrives,
/// and its seq is that of the last change it contains.
/// </summary>
internal sealed partial class MenuFeed(
    Database database,
    PhoenixEndpoint endpoint,
    BroadcastLog log,
    MenuOptions options,
    TimeProvider time,
    ILogger<MenuFeed> logger) : BackgroundService
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    // One place: however often the menu has changed, it is read once.
    private readonly System.Threading.Channels.Channel<bool> _changes =
        System.Threading.Channels.Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private long _sentSeq = database.LastSeq;

    /// <summary>A part of the menu has changed; that is committed.</summary>
    public void Changed() => _changes.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await _changes.Reader.ReadAsync(stoppingToken);
                var pause = TimeSpan.FromMilliseconds(options.CoalesceMs);
                if (!await TrySendAsync(stoppingToken))
                {
                    Changed();
                    pause = PauseAfterFailure;
                }

                await Task.Delay(pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The server is stopping; clients reconnect and get a snapshot.
        }
    }

    private async Task<bool> TrySendAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.Failed(logger, exception);
            return false;
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var known = database.LastSeq;
        var (menu, lastSeq) = await database.ReadAsync(Read, cancellationToken);
        if (lastSeq is not { } seq)
        {
            return; // the last menu that was sent had this change in it
        }

        if (seq > known)
        {
            // Committed an instant ago: a client that joins now may still get the previous menu, and would miss this
            // one (Database.ReadChangesAsync). The commit's own signal reads the menu again, if this one does not.
            Changed();
            return;
        }

        var forms = new Dictionary<string, Payload>();
        var topic = CollectionTopic.Of(MenuCollection.MenuName);
        log.BroadcastingMenu(topic, seq);
        endpoint.BroadcastPerGroup(topic, ChangeFeed.Event, seq, group =>
            group is View { BaseUrl: var baseUrl } ? Form(baseUrl) : null);
        _sentSeq = seq;

        // A menu may be large, and a healthy client's outbox must not be filled by them.
        await endpoint.FlushAsync(cancellationToken);

        Payload Form(string baseUrl)
        {
            if (!forms.TryGetValue(baseUrl, out var form))
            {
                var record = ImageUrls.MakeAbsolute(menu, baseUrl);
                forms[baseUrl] = form = Payload.FromJson(ChangeView.Encode("update"u8, record.Span, seq));
            }

            return form;
        }
    }

    private (ReadOnlyMemory<byte> Menu, long? LastSeq) Read(ReadTransaction transaction)
    {
        var lastSeq = ChangeLog.LastSeqOf(transaction, MenuQuery.Collections, _sentSeq);
        return (lastSeq is null ? default : MenuCollection.Read(transaction), lastSeq);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The menu could not be sent; trying again.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
