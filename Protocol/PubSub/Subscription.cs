namespace Kaffediem.Protocol;

/// <summary>
/// One channel's place on a topic. It begins <em>held</em>: broadcasts wait until the join reply is queued, and those
/// that the reply's snapshot already contains are then dropped (docs/design.md, "Subscribe held, read, reply,
/// release"). The topic's lock guards its state. The public methods take it, and the internal one is called under it.
/// </summary>
internal sealed class Subscription(
    TopicSubscribers topic,
    ISubscriber subscriber,
    ITransport transport,
    ISerializer serializer,
    int maxHeldBytes) : IDisposable
{
    private readonly IReadOnlySet<string>? _intercepts = subscriber.Intercepts is { Count: > 0 } events ? events : null;
    private List<EncodedBroadcast>? _held = [];
    private int _heldBytes;
    private long _position;
    private bool _hasMissed;

    /// <summary>Subscribers of equal groups get the same (<see cref="Channel.Group"/>).</summary>
    public object? Group { get; set; }

    /// <summary>Its place in its group's list.</summary>
    public int Index { get; set; }

    /// <summary>Moves it to another group.</summary>
    public void Move(object? group) => topic.Move(this, group);

    /// <summary>Holds broadcasts again, until the next <see cref="Release"/>.</summary>
    public void Hold()
    {
        lock (topic.Lock)
        {
            _held ??= [];
        }
    }

    /// <summary>
    /// Delivers the held broadcasts after <paramref name="position"/>, and from now on delivers at once.
    /// </summary>
    public void Release(long position)
    {
        lock (topic.Lock)
        {
            _position = Math.Max(_position, position);
            var held = _held ?? [];
            (_held, _heldBytes) = (null, 0);
            held.ForEach(Send);
        }
    }

    /// <summary>Drops the held broadcasts of an event, because the client gets their content in another way.</summary>
    public void Forget(string @event)
    {
        lock (topic.Lock)
        {
            _held?.RemoveAll(broadcast => broadcast.Event == @event);
            _heldBytes = _held?.Sum(broadcast => broadcast.Length) ?? 0;
        }
    }

    /// <summary>Ends it. No broadcast is queued afterwards.</summary>
    public void Dispose() => topic.Remove(this);

    internal void Deliver(BroadcastRun run)
    {
        var broadcasts = run.Broadcasts;
        if (broadcasts.Count > 1 && CanSendWhole(run))
        {
            transport.Send(run.For(serializer));
            return;
        }

        for (var i = 0; i < broadcasts.Count; i++)
        {
            Deliver(broadcasts[i]);
        }
    }

    // Nothing of it is held, dropped or intercepted.
    private bool CanSendWhole(BroadcastRun run) =>
        transport.AcceptsRuns
        && run.IsText
        && _held is null
        && _intercepts is null
        && !_hasMissed
        && run.Broadcasts[0].Position > _position;

    private void Deliver(EncodedBroadcast broadcast)
    {
        if (_held is null)
        {
            Send(broadcast);
            return;
        }

        // Bounded like the outbox. Overflow policy: the client is cut off and comes back for a fresh snapshot.
        _heldBytes += broadcast.Length;
        if (_heldBytes > maxHeldBytes)
        {
            transport.Close(CloseReason.OutboxFull);
            return;
        }

        _held.Add(broadcast);
    }

    private void Send(EncodedBroadcast broadcast)
    {
        // A snapshot may be newer than the broadcasts so far, so broadcasts that it contains are dropped after the
        // release, too.
        if (broadcast.Position <= _position || _hasMissed)
        {
            return;
        }

        if (_intercepts?.Contains(broadcast.Event) is true)
        {
            subscriber.OnIntercepted(broadcast.Event, broadcast.Payload);
        }
        else if (broadcast.Payload.IsBinary && !subscriber.SupportsBinary)
        {
            // Never skipped silently: the channel ends, and the client joins again. Nothing may be delivered after the
            // gap.
            _hasMissed = true;
            subscriber.OnMissed();
        }
        else
        {
            transport.Send(broadcast.For(serializer));
        }
    }
}
