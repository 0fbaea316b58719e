using Kaffediem.Protocol;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// One screen on one collection. Its subscription is held while it joins; the reply is the collection as it stood at
/// some seq, and of the changes it then gets exactly those after it (DESIGN: subscribe held, read, reply, release).
/// </summary>
internal sealed class CollectionChannel(CollectionSnapshots snapshots, TimeProvider time) : Channel
{
    protected override async Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        var collection = CollectionTopic.CollectionOf(Topic);
        var (filter, reason) = JoinOptions.Read(collection, payload, time);
        if (filter is null)
        {
            return JoinResult.Error(reason);
        }

        var snapshot = await snapshots.ReadAsync(collection, filter, cancellationToken);
        return JoinResult.Ok(snapshot.Response, snapshot.Seq);
    }
}
