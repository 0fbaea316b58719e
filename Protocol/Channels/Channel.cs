namespace Kaffediem.Protocol;

/// <summary>
/// One client on one topic: what an application derives. Its methods are called one at a time, in the order of the
/// client's messages; different channels, also of one socket, run at the same time.
/// </summary>
public abstract class Channel
{
    // Guards _session and _early: pushes may come from any thread.
    private readonly Lock _lock = new();
    private ChannelSession? _session;
    private List<(string Event, Payload Payload)>? _early = [];

    /// <summary>The topic that was joined, as <c>room:lobby</c>.</summary>
    public string Topic { get; private set; } = "";

    /// <summary>The socket it was joined on.</summary>
    public PhoenixSocket Socket { get; private set; } = null!;

    internal Ref JoinRef { get; private set; }

    internal Subscription Subscription { get; private set; } = null!;

    /// <summary>Decides whether the client may join. An exception refuses with <c>join crashed</c>.</summary>
    /// <param name="params">The join's payload: any JSON value, from an untrusted client.</param>
    /// <param name="cancellationToken">Cancelled when the client is gone or has joined anew.</param>
    protected internal abstract Task<JoinResult> JoinAsync(Payload @params, CancellationToken cancellationToken);

    /// <summary>
    /// Handles a message. An exception ends the channel with <c>phx_error</c>, after which the client joins again.
    /// Unless overridden, every event is answered with an error that names it.
    /// </summary>
    /// <param name="event">The event, from an untrusted client.</param>
    /// <param name="payload">Any JSON value, from an untrusted client.</param>
    /// <param name="cancellationToken">Cancelled when the client is gone or has joined anew.</param>
    protected internal virtual Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken) => Task.FromResult(UnknownEvent(@event));

    /// <summary>Called once when a joined channel ends, however it ends.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Cancelled after <see cref="PhoenixOptions.ChannelShutdownTimeout"/>.</param>
    protected internal virtual Task TerminateAsync(TerminateReason reason, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>The answer to an event the channel does not know: no push stays unanswered.</summary>
    /// <param name="event">The event.</param>
    protected static PushResult UnknownEvent(string @event) => PushResult.Error(
        Payload.From(new ErrorReason("unknown event", @event), ProtocolJson.Default.ErrorReason));

    /// <summary>
    /// Sends an event to this client only. During the join it waits for the reply, which the client must see first;
    /// after the end it does nothing. Thread-safe.
    /// </summary>
    /// <param name="event">The event.</param>
    /// <param name="payload">A JSON object.</param>
    /// <exception cref="ArgumentException">The payload is no object.</exception>
    protected void Push(string @event, Payload payload)
    {
        if (!payload.IsObject)
        {
            throw new ArgumentException("The payload of a push must be a JSON object.", nameof(payload));
        }

        lock (_lock)
        {
            if (_early is not null)
            {
                _early.Add((@event, payload));
            }
            else
            {
                _session?.Push(this, @event, payload);
            }
        }
    }

    /// <summary>Sends an event to everyone on the topic, this client included.</summary>
    /// <param name="event">The event.</param>
    /// <param name="payload">A JSON object.</param>
    /// <exception cref="ArgumentException">The payload is no object.</exception>
    protected void Broadcast(string @event, Payload payload) => Broadcast(@event, payload, except: null);

    /// <summary>Sends an event to everyone on the topic but this client.</summary>
    /// <param name="event">The event.</param>
    /// <param name="payload">A JSON object.</param>
    /// <exception cref="ArgumentException">The payload is no object.</exception>
    protected void BroadcastFrom(string @event, Payload payload) => Broadcast(@event, payload, Subscription);

    internal void Attach(ChannelSession session, PhoenixSocket socket, Ref joinRef, Subscription subscription)
    {
        _session = session;
        Topic = session.Topic;
        Socket = socket;
        JoinRef = joinRef;
        Subscription = subscription;
    }

    /// <summary>The reply is queued: sends what was pushed during the join, and from now on at once.</summary>
    internal void Open()
    {
        lock (_lock)
        {
            foreach (var (@event, payload) in _early ?? [])
            {
                _session?.Push(this, @event, payload);
            }

            _early = null;
        }
    }

    internal void Detach()
    {
        lock (_lock)
        {
            _session = null;
            _early = null;
        }
    }

    private void Broadcast(string @event, Payload payload, Subscription? except) =>
        _session?.PubSub.Broadcast(new Broadcast(Topic, @event, payload), except: except);
}
