using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Protocol;
using Kaffediem.Server.Admission;
using Kaffediem.Server.Orders;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// One client's topic of one collection. Broadcasts are held back while the collection is read; the reply is the
/// collection at some seq, and of the changes the client then gets exactly those after it.
/// </summary>
internal sealed class CollectionChannel(CollectionSnapshots snapshots, OrderFilters filters) : Channel
{
    private const string Reload = "reload";

    private View _view = new("", new OrderFilter(), "");

    private Asker Asker => ((KaffediemSocket)Socket).Asker;

    protected override async Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        var collection = CollectionTopic.CollectionOf(Topic);
        var (options, reason) = JoinOptions.Read(collection, payload, filters);
        if (options is null)
        {
            return JoinResult.Error(reason);
        }

        _view = View.Of(collection, options.Filter, ((KaffediemSocket)Socket).BaseUrl);
        Group = _view;
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

        // A client that has gone may leave a thousand of them, and a read that is begun and cancelled costs more than
        // none.
        if (cancellationToken.IsCancellationRequested)
        {
            return PushResult.NoReply;
        }

        HoldBroadcasts();
        var (response, seq) = await ReadAsync(since: null, cancellationToken);
        return seq is { } position ? PushResult.Ok(response, position) : PushResult.Error(response);
    }

    /// <summary>The collection and the seq it stands at; or, without a seq, why it cannot be read now.</summary>
    private async Task<(Payload Response, long? Seq)> ReadAsync(
        ChangePosition? since, CancellationToken cancellationToken)
    {
        try
        {
            var snapshot = await snapshots.ReadAsync(_view, since, Asker, cancellationToken);
            return (Payload.FromJson(snapshot.Content), snapshot.Seq);
        }
        catch (ReadRefusedException refused)
        {
            return (Payload.Reason(refused.Message), null);
        }
    }
}
