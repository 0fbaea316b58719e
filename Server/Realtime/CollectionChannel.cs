using Kaffediem.Persistence.Transactions;
using Kaffediem.Protocol;
using Kaffediem.Server.Admission;
using Kaffediem.Server.Orders;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// One client's subscription to a collection. Broadcasts are held back while the collection is read; the reply is the
/// collection at some seq, and the client then gets exactly the changes after it.
/// </summary>
internal sealed class CollectionChannel(Collections collections, CollectionSnapshots snapshots, OrderFilters filters)
    : Channel<KaffediemSocket>
{
    private const string Reload = "reload";

    // Null before the join, and where the collection is unknown.
    private View? _view;

    private Asker Asker => Socket.Asker;

    protected override async Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        collections.TryFind(CollectionTopic.CollectionOf(Topic), out var collection);
        var read = JoinOptions.Read(payload, filters, isFiltered: collection is { IsFiltered: true });
        if (!read.IsRead)
        {
            return JoinResult.Error($"{read.Error.Field} {read.Error.Message}");
        }

        var options = read.Value;
        if (collection is not null)
        {
            _view = View.Of(collection, options.Filter, Socket.BaseUrl);
            Group = _view;
        }

        var (response, seq) = await ReadAsync(options.Since, cancellationToken);
        return seq is { } position ? JoinResult.Ok(response, position) : JoinResult.Error(response);
    }

    protected override async Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken)
    {
        if (@event != Reload)
        {
            return await base.HandleInAsync(@event, payload, cancellationToken);
        }

        // A client that has left may leave a thousand reloads behind, and a read that is begun and cancelled costs more
        // than none.
        if (cancellationToken.IsCancellationRequested)
        {
            return PushResult.NoReply;
        }

        HoldBroadcasts();
        var (response, seq) = await ReadAsync(since: null, cancellationToken);
        return seq is { } position ? PushResult.Ok(response, position) : PushResult.Error(response);
    }

    /// <summary>The collection and its seq; or, without a seq, why it cannot be read now.</summary>
    private async Task<(Payload Response, long? Seq)> ReadAsync(
        ChangePosition? since, CancellationToken cancellationToken)
    {
        try
        {
            var snapshot = _view is null
                ? snapshots.Unknown(CollectionTopic.CollectionOf(Topic), since)
                : await snapshots.ReadAsync(_view, since, Asker, cancellationToken);
            return (Payload.FromJson(snapshot.Content), snapshot.Seq);
        }
        catch (ReadRefusedException refused)
        {
            return (Payload.Reason(refused.Message), null);
        }
    }
}
