using Kaffediem.Persistence.Orders;
using Kaffediem.Protocol;
using Kaffediem.Server.Admission;
using Kaffediem.Server.Orders;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// One screen on one collection. Its subscription is held while it joins; the reply is the collection as it stood at
/// some seq, and of the changes it then gets exactly those after it (DESIGN: subscribe held, read, reply, release).
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
        try
        {
            var snapshot = await snapshots.ReadAsync(_view, options.Since, Asker, cancellationToken);
            return JoinResult.Ok(Payload.FromJson(snapshot.Content), snapshot.Seq);
        }
        catch (ReadRefusedException refused)
        {
            return JoinResult.Error(refused.Message);
        }
    }

    protected override async Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken)
    {
        if (@event != Reload)
        {
            return await base.HandleInAsync(@event, payload, cancellationToken);
        }

        // A client that has gone may leave a thousand of them, and a read that is begun and cancelled costs more than none.
        if (cancellationToken.IsCancellationRequested)
        {
            return PushResult.NoReply;
        }

        HoldBroadcasts();
        try
        {
            var snapshot = await snapshots.ReadAsync(_view, since: null, Asker, cancellationToken);
            return PushResult.Ok(Payload.FromJson(snapshot.Content), snapshot.Seq);
        }
        catch (ReadRefusedException refused)
        {
            return PushResult.Error(Payload.Reason(refused.Message));
        }
    }
}
