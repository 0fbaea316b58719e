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
    private List<Frame>? _early = [];

    /// <summary>The topic that was joined, as <c>room:lobby</c>.</summary>
    public string Topic { get; private set; } = "";

    /// <summary>The socket it was joined on.</summary>
    public PhoenixSocket Socket { get; private set; } = null!;

    /// <summary>
    /// Whether the client can be sent binary payloads: those of V2 over a WebSocket can, those of V1 or over long-poll
    /// cannot. An application that has such clients sends them JSON: a binary reply reaches them as an error, a binary
    /// push throws, and a binary broadcast ends their channel with <c>phx_error</c>, so that they know and join again.
    /// </summary>
    public bool TakesBinary { get; private set; }

    internal Ref JoinRef { get; private set; }

    internal Subscription Subscription { get; set; } = null!;

    /// <summary>Decides whether the client may join. An exception refuses with <c>join crashed</c>.</summary>
    /// <param name="params">The join's payload: any JSON value, or bytes, from an untrusted client.</param>
    /// <param name="cancellationToken">Cancelled when the client is gone or has joined anew.</param>
    protected internal abstract Task<JoinResult> JoinAsync(Payload @params, CancellationToken cancellationToken);

    /// <summary>
    /// Handles a message. An exception ends the channel with <c>phx_error</c>, after which the client joins again.
    /// Unless overridden, every event is answered with an error that names it.
    /// </summary>
    /// <param name="event">The event, from an untrusted client.</param>
    /// <param name="payload">Any JSON value, or bytes, from an untrusted client.</param>
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
    /// <param name="payload">A JSON object, or bytes.</param>
    /// <exception cref="ArgumentException">
    /// The payload is neither; or it is binary, and the event, the topic or the client's join_ref takes more than 255 bytes.
    /// </exception>
    /// <exception cref="NotSupportedException">It is binary, and the client takes none: <see cref="TakesBinary"/>.</exception>
    protected void Push(string @event, Payload payload)
    {
        RequirePushable(payload);
        lock (_lock)
        {
            if (_session?.Encode(this, @event, payload) is not { } frame)
            {
                return;
            }

            if (_early is not null)
            {
                _early.Add(frame);
            }
            else
            {
                _session.Send(frame);
            }
        }
    }

    /// <summary>Sends an event to everyone on the topic, this client included.</summary>
    /// <param name="event">The event.</param>
    /// <param name="payload">A JSON object, or bytes: see <see cref="TakesBinary"/>.</param>
    /// <exception cref="ArgumentException">
    /// The payload is neither; or it is binary, and the event or the topic takes more than 255 bytes. Nobody gets it then.
    /// </exception>
    protected void Broadcast(string @event, Payload payload) => Broadcast(@event, payload, except: null);

    /// <summary>Sends an event to everyone on the topic but this client.</summary>
    /// <param name="event">The event.</param>
    /// <param name="payload">A JSON object, or bytes: see <see cref="TakesBinary"/>.</param>
    /// <exception cref="ArgumentException">As <see cref="Broadcast(string, Payload)"/>.</exception>
    protected void BroadcastFrom(string @event, Payload payload) => Broadcast(@event, payload, Subscription);

    internal void Attach(ChannelSession session, PhoenixSocket socket, Ref joinRef)
    {
        _session = session;
        Topic = session.Topic;
        Socket = socket;
        JoinRef = joinRef;
        TakesBinary = session.TakesBinary;
    }

    /// <summary>The reply is queued: sends what was pushed during the join, and from now on at once.</summary>
    internal void Open()
    {
        lock (_lock)
        {
            _early?.ForEach(frame => _session?.Send(frame));
            _early = null;
        }
    }

    /// <summary>Puts something into the mailbox of its topic. Does nothing after the end.</summary>
    internal void Post(ChannelItem item)
    {
        lock (_lock)
        {
            _session?.PostToSelf(item);
        }
    }

    /// <summary>The end: also of one that was not admitted.</summary>
    internal void Detach()
    {
        Subscription?.Dispose();
        lock (_lock)
        {
            _session = null;
            _early = null;
        }
    }

    private void RequirePushable(Payload payload)
    {
        if (payload.IsBinary && !TakesBinary)
        {
            throw new NotSupportedException("The client takes no binary payloads: they need vsn 2.0.x over a WebSocket.");
        }

        if (!payload.IsBinary && !payload.IsObject)
        {
            throw new ArgumentException("The payload of a push must be a JSON object or binary.", nameof(payload));
        }
    }

    private void Broadcast(string @event, Payload payload, Subscription? except) =>
        _session?.PubSub.Broadcast(new Broadcast(Topic, @event, payload), except: except);
}
