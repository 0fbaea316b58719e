using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.Protocol;

/// <summary>
/// One client on one topic: the class that an application derives from. Its methods are called one at a time, in the
/// order of the client's messages. Different channels, also those of one socket, run at the same time. Every join gets
/// its own instance, created in its own service scope: the constructor may ask for any service of the application,
/// scoped ones included.
/// </summary>
public abstract class Channel : ISubscriber
{
    // Guards _session, _early and _onEnd: any thread may push.
    private readonly Lock _lock = new();
    private ChannelSession? _session;
    private List<Frame>? _early = [];
    private Action<Channel>? _onEnd;
    private bool _isStopping;

    // Set before the join is handed to the application.
    private PhoenixSocket? _socket;
    private Assigns? _assigns;
    private Subscription? _subscription;

    /// <summary>The joined topic, for example <c>room:lobby</c>.</summary>
    public string Topic { get; private set; } = "";

    /// <summary>The socket on which it was joined.</summary>
    public PhoenixSocket Socket => _socket ?? throw NotJoined();

    /// <summary>
    /// Whether the client can receive binary payloads: clients of V2 over a WebSocket can, those of V1 or over
    /// long-poll cannot. Send JSON to those: a binary reply reaches them as an error, a binary push throws, and a
    /// binary broadcast ends their channel with <c>phx_error</c>, so that they notice and join again.
    /// </summary>
    public bool SupportsBinary { get; private set; }

    /// <summary>The application's values for this join: at first a copy of the socket's.</summary>
    public Assigns Assigns => _assigns ?? throw NotJoined();

    /// <summary>
    /// Answers the message that is being handled later, after <see cref="HandleInAsync"/> has returned
    /// <see cref="PushResult.NoReply"/> (<see cref="SocketRef.Reply"/>).
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// No message is being handled, or its <c>ref</c> is null and it cannot be answered (phoenix@167c469 channel.ex,
    /// socket_ref/1).
    /// </exception>
    protected SocketRef SocketRef => Current is { Ref.IsNull: false } message
        ? new SocketRef(this, message.Ref.Copy())
        : throw new InvalidOperationException(
            "There is only something to reply to while a message with a ref is handled.");

    /// <summary>
    /// The events whose broadcasts are not sent straight to the client but passed to <see cref="HandleOutAsync"/>, one
    /// after the other and between the client's own messages (default: none). Return the same set for all instances; it
    /// is read once, at the join. Intercepted broadcasts are not ordered with the others. At most
    /// <see cref="PhoenixOptions.MaxQueuedMessages"/> wait; a client for which more would have to wait is cut off with
    /// 1013.
    /// </summary>
    protected internal virtual IReadOnlySet<string> Intercepts => FrozenSet<string>.Empty;

    /// <summary>
    /// Which clients of the topic get the same payload of a broadcast per group
    /// (<see cref="PhoenixEndpoint.BroadcastPerGroup"/>): clients whose groups are equal
    /// (<see cref="object.Equals(object?)"/>). Default <c>null</c>; set it in <see cref="JoinAsync"/>, before the
    /// snapshot is read.
    /// </summary>
    protected object? Group
    {
        get => Subscription.Group;
        set => Subscription.Move(value);
    }

    internal Ref JoinRef { get; private set; }

    /// <summary>Whether <see cref="HoldBroadcasts"/> was called since the last reply.</summary>
    internal bool IsHolding { get; set; }

    /// <summary>The message that <see cref="HandleInAsync"/> is handling.</summary>
    internal Message? Current { get; set; }

    internal Subscription Subscription
    {
        get => _subscription ?? throw NotJoined();
        set => _subscription = value;
    }

    /// <summary>The services that were created for this channel; disposed of after it.</summary>
    internal AsyncServiceScope Scope { get; set; }

    /// <summary>Decides whether the client may join. An exception refuses with <c>join crashed</c>.</summary>
    /// <param name="payload">
    /// The join's payload: any JSON value, or bytes, from an untrusted client. <c>null</c> arrives as <c>{}</c>.
    /// </param>
    /// <param name="cancellationToken">Cancelled when the client has gone or joined again.</param>
    protected internal abstract Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken);

    /// <summary>
    /// Handles a message. An exception ends the channel with <c>phx_error</c>, after which the client joins again.
    /// Unless overridden, every event is answered with an error that names it.
    /// </summary>
    /// <param name="event">The event, from an untrusted client.</param>
    /// <param name="payload">Any JSON value, or bytes, from an untrusted client.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone or joined again.</param>
    protected internal virtual Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken) => Task.FromResult(UnknownEvent(@event));

    /// <summary>
    /// Handles a broadcast of one of the <see cref="Intercepts"/>: pushes it on, changed or not, or keeps it from the
    /// client. Unless overridden it is pushed on. An exception ends the channel with <c>phx_error</c>.
    /// </summary>
    /// <param name="event">The event.</param>
    /// <param name="payload">The payload of the broadcast.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone or joined again.</param>
    protected internal virtual Task HandleOutAsync(string @event, Payload payload, CancellationToken cancellationToken)
    {
        Push(@event, payload);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Called once when a joined channel ends, however it ends. Afterwards the channel is disposed of, if it is
    /// <see cref="IAsyncDisposable"/> or <see cref="IDisposable"/>, and then the services of its scope.
    /// </summary>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Cancelled after <see cref="PhoenixOptions.ChannelShutdownTimeout"/>.</param>
    protected internal virtual Task TerminateAsync(TerminateReason reason, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>The answer to an event that the channel does not know, so that no push stays unanswered.</summary>
    /// <param name="event">The event.</param>
    protected static PushResult UnknownEvent(string @event) => PushResult.Error(
        Payload.From(new ErrorReason("unknown event", @event), ProtocolJson.Default.ErrorReason));

    /// <summary>
    /// Sends an event to this client only. During the join, the event waits for the reply, which the client must get
    /// first. After the channel's end it does nothing. Thread-safe.
    /// </summary>
    /// <param name="event">The event.</param>
    /// <param name="payload">A JSON object, or bytes.</param>
    /// <exception cref="ArgumentException">
    /// The payload is neither; or it is binary, and the event, the topic or the client's join_ref takes more than 255
    /// bytes.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// It is binary, and the client does not support that: <see cref="SupportsBinary"/>.
    /// </exception>
    protected void Push(string @event, Payload payload) => Send(@event, payload);

    /// <inheritdoc cref="Push"/>
    internal void Send(string @event, Payload payload)
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
                _session.SendPush(frame);
            }
        }
    }

    /// <summary>Sends an event to everyone on the topic, this client included.</summary>
    /// <param name="event">The event.</param>
    /// <param name="payload">A JSON object, or bytes: see <see cref="SupportsBinary"/>.</param>
    /// <exception cref="ArgumentException">
    /// The payload is neither; or it is binary, and the event or the topic takes more than 255 bytes. No client gets
    /// it.
    /// </exception>
    protected void Broadcast(string @event, Payload payload) => Broadcast(@event, payload, except: null);

    /// <summary>Sends an event to everyone on the topic but this client.</summary>
    /// <param name="event">The event.</param>
    /// <param name="payload">A JSON object, or bytes: see <see cref="SupportsBinary"/>.</param>
    /// <exception cref="ArgumentException">As <see cref="Broadcast(string, Payload)"/>.</exception>
    protected void BroadcastFrom(string @event, Payload payload) => Broadcast(@event, payload, Subscription);

    /// <summary>
    /// As <see cref="Broadcast(string, Payload)"/>, but only to the clients of this node. There is one node today, so
    /// it is the same; with several it would reach no client of another.
    /// </summary>
    /// <param name="event">The event.</param>
    /// <param name="payload">A JSON object, or bytes: see <see cref="SupportsBinary"/>.</param>
    /// <exception cref="ArgumentException">As <see cref="Broadcast(string, Payload)"/>.</exception>
    protected void LocalBroadcast(string @event, Payload payload) => Broadcast(@event, payload);

    /// <summary>As <see cref="LocalBroadcast"/>, but not to this client.</summary>
    /// <param name="event">The event.</param>
    /// <param name="payload">A JSON object, or bytes: see <see cref="SupportsBinary"/>.</param>
    /// <exception cref="ArgumentException">As <see cref="Broadcast(string, Payload)"/>.</exception>
    protected void LocalBroadcastFrom(string @event, Payload payload) => BroadcastFrom(@event, payload);

    /// <summary>
    /// Ends the channel as <see cref="PushResult.Stop"/> does, once the messages that already wait have been handled.
    /// Thread-safe; also callable from <see cref="HandleOutAsync"/> or a timer.
    /// </summary>
    protected void Stop()
    {
        if (Interlocked.Exchange(ref _isStopping, true) is false)
        {
            Post(new StopRequest(this));
        }
    }

    /// <summary>
    /// Holds the topic's broadcasts until the message that is being handled has been answered. For a handler that reads
    /// a new snapshot: call this, read, and answer with <see cref="PushResult.Ok(Payload, long)"/>; the client then
    /// gets exactly the broadcasts after that position.
    /// </summary>
    protected void HoldBroadcasts()
    {
        IsHolding = true;
        Subscription.Hold();
    }

    internal void Attach(ChannelSession session, PhoenixSocket socket, Ref joinRef)
    {
        _session = session;
        Topic = session.Topic;
        _socket = socket;
        JoinRef = joinRef;
        SupportsBinary = session.SupportsBinary;
        _assigns = socket.Assigns.Copy();
    }

    /// <summary>
    /// The reply is queued: sends the pushes that were made during the join, and from now on sends at once.
    /// </summary>
    internal void Open()
    {
        lock (_lock)
        {
            _early?.ForEach(frame => _session?.SendPush(frame));
            _early = null;
        }
    }

    internal void Reply(Ref @ref, string status, Payload response)
    {
        lock (_lock)
        {
            _session?.Reply(this, @ref, status, response);
        }
    }

    /// <summary>Posts an item to the mailbox of its topic. Does nothing after the channel's end.</summary>
    internal void Post(ChannelItem item)
    {
        lock (_lock)
        {
            _session?.Post(item);
        }
    }

    /// <summary>Has a method called once this channel has ended; a second method replaces the first.</summary>
    /// <returns><c>false</c> when the channel has ended already.</returns>
    internal bool TryCallAtEnd(Action<Channel> method)
    {
        lock (_lock)
        {
            _onEnd = _session is null ? null : method;
            return _onEnd is not null;
        }
    }

    /// <summary>The channel has ended, or was not admitted.</summary>
    internal void Detach()
    {
        _subscription?.Dispose();
        Action<Channel>? onEnd;
        lock (_lock)
        {
            _session = null;
            _early = null;
            (onEnd, _onEnd) = (_onEnd, null);
        }

        onEnd?.Invoke(this);
    }

    IReadOnlySet<string> ISubscriber.Intercepts => Intercepts;

    void ISubscriber.OnIntercepted(string @event, Payload payload) =>
        Post(new InterceptedBroadcast(this, @event, payload));

    void ISubscriber.OnMissed() => Post(new MissedBroadcast(this));

    private static InvalidOperationException NotJoined() =>
        new("A channel has a socket, a topic and assigns from JoinAsync on, and not yet in its constructor.");

    private void RequirePushable(Payload payload)
    {
        if (payload.IsBinary && !SupportsBinary)
        {
            throw new BinaryNotSupportedException();
        }

        if (!payload.IsBinary && !payload.IsObject)
        {
            throw new ArgumentException("The payload of a push must be a JSON object or binary.", nameof(payload));
        }
    }

    private void Broadcast(string @event, Payload payload, Subscription? except)
    {
        PubSub? pubSub;
        lock (_lock)
        {
            pubSub = _session?.PubSub;
        }

        // Not under the lock: a broadcast takes the topic's lock, which comes before this one.
        pubSub?.Broadcast(new Broadcast(Topic, @event, payload), except: except);
    }
}
