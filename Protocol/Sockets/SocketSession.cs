using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>
/// One connection's protocol state: which topics it has joined, and one arm per thing a client can say
/// (docs/protocol.md, "Events"; phoenix@167c469 <c>lib/phoenix/socket.ex</c>). Nothing here waits for a handler: what a
/// topic has to do goes into that topic's own mailbox, so that no topic holds up the heartbeat or another topic.
/// </summary>
internal sealed partial class SocketSession : IDisposable
{
    /// <summary>What a client is told that V1 or long-poll keeps from binary payloads.</summary>
    public static readonly Payload BinaryNeedsV2 = Payload.Reason("binary payloads need vsn 2.0.x over a WebSocket");

    private static readonly Payload TooManyChannels = Payload.Reason("too many channels joined");
    private static readonly Payload TooManyMessages = Payload.Reason("too many messages waiting");
    private static readonly Payload TooManyPerSecond = Payload.Reason("too many messages");
    private static readonly Payload TopicTooLong = Payload.Reason("topic too long");
    private static readonly Payload EventTooLong = Payload.Reason("event too long");
    private static readonly Payload UnmatchedTopic = Payload.Reason("unmatched topic");

    // Guards the topics and their mailboxes: the read loop adds, each topic's own loop takes and removes itself.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ChannelSession> _channels = new(StringComparer.Ordinal);
    private readonly ITransport _transport;
    private readonly MessageRate _rate;
    private readonly ReplyBudget _replies;
    private readonly SharedReplyBudget _sharedReplies;
    private readonly ChannelRoutes _routes;
    private volatile bool _isEnded;
    private int _hasWarnedOfBinary;
    private int _put;

    public SocketSession(Connected connected, ITransport transport, MessageRate rate, SocketServices services)
    {
        Serializer = connected.Serializer;
        _transport = transport;
        _rate = rate;
        var options = services.Options;
        _replies = new ReplyBudget(options.MaxReplyBytesPerSecond, options.MaxReplyBurstBytes, services.Time);
        _sharedReplies = services.Replies.Enter(connected.Address, connected.User);
        Socket = connected.Socket;
        _routes = connected.Routes;
        Services = services;
    }

    public PhoenixSocket Socket { get; }

    public SocketServices Services { get; }

    public ISerializer Serializer { get; }

    /// <summary>Whether the connection is gone.</summary>
    public bool IsEnded => _isEnded;

    /// <summary>Whether the client may ask for another reply.</summary>
    public bool MayAsk() => _replies.HasLeft && Services.Replies.MayAsk(_sharedReplies);

    public bool TakesBinary => Serializer.TakesBinary && _transport.TakesBinary;

    /// <summary>
    /// Whether the client has joined a topic or sent a heartbeat. Over long-poll phoenix.js sends none: one that only
    /// pushes takes itself for joined.
    /// </summary>
    public bool KnowsItIsNew { get; private set; }

    /// <summary>Completed once the socket has been disposed of, where somebody waits for that.</summary>
    public TaskCompletionSource? Ended { get; init; }

    /// <summary>Handles one frame from the client. Called by the read loop only.</summary>
    /// <exception cref="InvalidMessageException">It is no message of the protocol.</exception>
    public void Receive(ReadOnlyMemory<byte> frame, bool isBinary)
    {
        if (!_transport.IsClosing)
        {
            Handle(Serializer.Decode(frame, isBinary));
        }
    }

    /// <summary>
    /// As <see cref="Receive"/>, for a transport that acknowledges: completes when a join has been answered.
    /// </summary>
    /// <exception cref="InvalidMessageException">It is no message of the protocol.</exception>
    public Task ReceiveAsync(ReadOnlyMemory<byte> frame, bool isBinary)
    {
        if (_transport.IsClosing)
        {
            return Task.CompletedTask;
        }

        var message = Serializer.Decode(frame, isBinary);
        if (message.Event != Events.Join)
        {
            Handle(message);
            return Task.CompletedTask;
        }

        var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Handle(message with { Handled = handled }) ? handled.Task : Task.CompletedTask;
    }

    /// <summary>
    /// The connection is gone, or about to go: ends all channels, once. The last of them to end disposes of the socket,
    /// so that <see cref="Channel.TerminateAsync"/> can still use it.
    /// </summary>
    public void Dispose()
    {
        ChannelSession[] channels;
        lock (_lock)
        {
            if (_isEnded)
            {
                return;
            }

            _isEnded = true;
            channels = [.. _channels.Values];
            foreach (var channel in channels)
            {
                Put(channel, SocketGone.Instance);
            }
        }

        Services.Replies.Leave(_sharedReplies);
        foreach (var channel in channels)
        {
            channel.Cancel();
        }

        if (channels.Length == 0)
        {
            _ = EndSocketAsync();
        }
    }

    public Subscription Subscribe(Channel channel) => Services.PubSub.Subscribe(channel, _transport, Serializer);

    public void Reply(Message message, string status, Payload response) =>
        SendReply(Encode(new Reply(message.JoinRef, message.Ref, message.TopicJson, status, response)));

    public void SendReply(in Frame reply)
    {
        Services.Metrics.MessagesOut(1);
        _replies.Take(reply.Length);
        _sharedReplies.Budget.Take(reply.Length);
        _transport.Send(reply, isReply: true);
    }

    /// <summary>Encodes a reply; a binary one that the client cannot take becomes an error that says so.</summary>
    public Frame Encode(in Reply reply) => Serializer.Encode(
        Takes(reply.Response) ? reply : reply with { Status = "error", Response = BinaryNeedsV2 });

    /// <summary>Whether the client can be sent this. The first thing that it cannot is logged.</summary>
    public bool Takes(Payload payload)
    {
        if (!payload.IsBinary || TakesBinary)
        {
            return true;
        }

        LogTakesNoBinary();
        return false;
    }

    /// <summary>Logs, once per socket, that something binary was kept from its client.</summary>
    public void LogTakesNoBinary()
    {
        if (Interlocked.Exchange(ref _hasWarnedOfBinary, 1) == 0)
        {
            Services.OnBinaryKept(Socket.GetType().Name);
        }
    }

    /// <summary>The answer to a push for a topic that is not joined: its join_ref is null, whatever was sent.</summary>
    public void ReplyUnmatched(Message message) =>
        Reply(message with { JoinRef = Ref.Null }, "error", UnmatchedTopic);

    public Frame Encode(in Push push) => Serializer.Encode(push);

    public void Send(in Frame push)
    {
        Services.Metrics.MessagesOut(1);
        _transport.Send(push);
    }

    /// <summary>Puts something into a topic's mailbox that did not come from the client.</summary>
    public void PostOwn(ChannelSession channel, ChannelItem item)
    {
        lock (_lock)
        {
            // Overflow policy: a client whose channel cannot keep up is cut off, and comes back for a fresh start. Of
            // all other items a channel posts one at most.
            if (item is InterceptedBroadcast && channel.Waiting >= Services.Options.MaxQueuedMessages)
            {
                _transport.Close(CloseReason.HandleOutFull);
            }
            else if (!_isEnded)
            {
                Put(channel, item);
            }
        }
    }

    /// <summary>Takes what a topic has to do next, or ends its loop.</summary>
    public bool TryTake(ChannelSession channel, [NotNullWhen(true)] out MailboxItem? item)
    {
        lock (_lock)
        {
            if (channel.TryTake(out item))
            {
                return true;
            }

            if (channel.IsJoined || !_channels.Remove(channel.Topic) || !_isEnded || _channels.Count > 0)
            {
                return false;
            }
        }

        _ = EndSocketAsync(); // that was the last one
        return false;
    }

    /// <summary>
    /// How much was ever put into the mailboxes, and whether all of it has been handled. Two equal answers of every
    /// socket, one after the other, mean that nothing happened in between.
    /// </summary>
    public (int Put, bool IsIdle) Progress()
    {
        lock (_lock)
        {
            return (_put, !_channels.Values.Any(channel => channel.IsRunning));
        }
    }

    /// <summary>Completes when every topic has handled what is in its mailbox now.</summary>
    public Task HandleAllAsync()
    {
        List<Task> handled = [];
        lock (_lock)
        {
            foreach (var channel in _channels.Values.Where(channel => channel.IsRunning))
            {
                var milestone = new Milestone { Handled = new(TaskCreationOptions.RunContinuationsAsynchronously) };
                channel.Post(milestone);
                handled.Add(milestone.Handled.Task);
            }
        }

        return Task.WhenAll(handled);
    }

    private void Put(ChannelSession channel, MailboxItem item)
    {
        _put++;
        channel.Post(item);
    }

    // Returns whether a topic has it in its mailbox, and so will deal with it later.
    private bool Handle(Message message)
    {
        Services.Metrics.MessageIn();
        if (!_rate.TryTake())
        {
            Reply(message, "error", TooManyPerSecond);
            _transport.Close(CloseReason.TooManyMessages);
            return false;
        }

        if (FindExcess(message) is { } reason)
        {
            Reply(message, "error", reason);
            return false;
        }

        if (message is { Topic: Events.PhoenixTopic, Event: Events.Heartbeat })
        {
            KnowsItIsNew = true;
            Reply(message with { JoinRef = Ref.Null }, "ok", Payload.Empty);
            return false;
        }

        lock (_lock)
        {
            return !_isEnded && (message.Event == Events.Join ? Join(WithParameters(message)) : PushOrLeave(message));
        }
    }

    // Phoenix hands null on to join/3 (phoenix@167c469 lib/phoenix/channel/server.ex, channel_join/4), and a channel
    // that looks for parameters in it crashes. Clients that leave the payload out send null; here it means no
    // parameters.
    private static Message WithParameters(Message message) =>
        message.Payload.IsNull ? message with { Payload = Payload.Empty } : message;

    private Payload? FindExcess(Message message) =>
        IsTooLong(message.Topic, Services.Options.MaxTopicBytes) ? TopicTooLong
        : IsTooLong(message.Event, Services.Options.MaxEventBytes) ? EventTooLong
        : null;

    // No text has more bytes than three times its UTF-16 length.
    private static bool IsTooLong(string text, int maxBytes) =>
        text.Length > maxBytes / 3 && Encoding.UTF8.GetByteCount(text) > maxBytes;

    private bool Join(Message message)
    {
        KnowsItIsNew = true;
        if (_channels.TryGetValue(message.Topic, out var joined))
        {
            joined.HurryUp();
            return Post(joined, message);
        }

        if (_routes.Match(message.Topic) is not { } route)
        {
            Log.UnmatchedTopic(Services.Logger, message.Topic, Socket.GetType().Name);
            Services.Metrics.Joined(JoinOutcome.Unmatched);
            ReplyUnmatched(message);
            return false;
        }

        if (IsFull())
        {
            Services.Metrics.Joined(JoinOutcome.TooMany);
            Reply(message, "error", TooManyChannels);
            return false;
        }

        var channel = new ChannelSession(this, message, route);
        _channels.Add(message.Topic, channel);
        return Post(channel, message);
    }

    private bool IsFull()
    {
        var max = Services.Options.MaxChannelsPerSocket;
        return _channels.Count >= max && _channels.Values.Count(channel => !channel.IsClosed) >= max;
    }

    private bool PushOrLeave(Message message)
    {
        if (_channels.TryGetValue(message.Topic, out var channel))
        {
            return Post(channel, message);
        }

        AnswerUnjoined(message);
        return false;
    }

    /// <summary>What a topic that is not joined answers: leaving it is fine, everything else is not.</summary>
    public void AnswerUnjoined(Message message)
    {
        if (message.Event == Events.Leave)
        {
            Reply(message, "ok", Payload.Empty);
        }
        else
        {
            ReplyUnmatched(message);
        }
    }

    // The mailbox is bounded; overflow policy: a push is refused with an error, and a client that goes on to flood the
    // topic with joins or leaves, which cannot be refused, loses its Socket.
    private bool Post(ChannelSession channel, Message message)
    {
        if (channel.Waiting < Services.Options.MaxQueuedMessages)
        {
            Put(channel, message);
            return true;
        }

        if (message.Event is Events.Join or Events.Leave)
        {
            _transport.Close(CloseReason.MailboxFull);
        }
        else
        {
            Reply(message, "error", TooManyMessages);
        }

        return false;
    }

    private async Task EndSocketAsync()
    {
        await Services.Activation.EndAsync(Socket, Socket.Scope);
        Ended?.TrySetResult();
    }

    private static partial class Log
    {
        // As long and as often as a client likes: more than Debug would let it fill the disk.
        [LoggerMessage(LogLevel.Debug, "No channel of {Socket} serves the topic \"{Topic}\".")]
        public static partial void UnmatchedTopic(ILogger logger, ClientText topic, string socket);
    }
}
