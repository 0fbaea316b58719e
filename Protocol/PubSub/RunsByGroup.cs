namespace Kaffediem.Protocol;

/// <summary>
/// The broadcasts of some events for each group of a topic's subscribers. Groups with equal payloads share them.
/// </summary>
internal sealed class RunsByGroup(string topic, string @event, IReadOnlyList<GroupedPayload> payloads)
{
    private readonly List<EncodedBroadcast> _broadcasts = [];
    private readonly List<BroadcastRun> _runs = [];

    /// <returns><c>null</c> for nothing.</returns>
    public BroadcastRun? For(object? group)
    {
        var broadcasts = new List<EncodedBroadcast>(payloads.Count);
        foreach (var (position, payloadOf) in payloads)
        {
            if (payloadOf(group) is { } payload)
            {
                broadcasts.Add(Encode(payload, position));
            }
        }

        return broadcasts.Count == 0 ? null : Share(broadcasts);
    }

    private EncodedBroadcast Encode(Payload payload, long position)
    {
        var broadcast = _broadcasts.Find(known =>
            known.Position == position && known.Payload.Bytes.Equals(payload.Bytes));
        if (broadcast is null)
        {
            var message = new Broadcast(topic, @event, payload);
            PubSub.Check(message);
            _broadcasts.Add(broadcast = new EncodedBroadcast(message, position));
        }

        return broadcast;
    }

    private BroadcastRun Share(List<EncodedBroadcast> broadcasts)
    {
        var run = _runs.Find(known => known.Broadcasts.SequenceEqual(broadcasts));
        if (run is null)
        {
            _runs.Add(run = new BroadcastRun(broadcasts));
        }

        return run;
    }
}
