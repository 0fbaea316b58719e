using System.Text;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>
/// One connection's protocol state: which topics it has joined, and one arm per thing a client can say
/// (docs/protocol.md, "Events"; phoenix@167c469 <c>lib/phoenix/socket.ex</c>). Nothing here waits for a handler: a
/// message for a topic goes into that topic's mailbox, so no topic delays the heartbeat or another topic.
/// </summary>
internal sealed partial class SocketSession : IDisposable
{
    private static readonly Payload TooManyChannels = Payload.Reason("too many channels joined");
    private static readonly Payload TooManyMessages = Payload.Reason("too many messages waiting");
    private static readonly Payload TooManyPerSecond = Payload.Reason("too many messages");
    private static readonly Payload TopicTooLong = Payload.Reason("topic too long");
    private static readonly Payload EventTooLong = Payload.Reason("event too long");

    // Guards the topics and the two fields below them. The read loop adds topics, each topic's loop removes its own.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ChannelSession> _channels = new(StringComparer.Ordinal);
    private bool _isEnded;
    private int _postedToEnded; // how many items were posted to topics that are no longer in _channels

    private readonly ClientWriter _writer;
    private readonly ITransport _transport;
    private readonly MessageRate _rate;
    private readonly SharedReplyBudget _sharedReplies;
    private readonly ChannelRoutes _routes;
    private readonly SocketServices _services;
    private readonly Action<ChannelSession> _onTopicEnded;

    public SocketSession(Connected connected, ITransport transport, MessageRate rate, SocketServices services)
    {
        Serializer = connected.Serializer;
        Socket = connected.Socket;
        (_transport, _rate, _routes, _services) = (transport, rate, connected.Routes, services);
        _onTopicEnded = OnTopicEnded;
        _sharedReplies = services.Replies.Enter(connected.Address, connected.User);
        _writer = new ClientWriter(Serializer, transport, _sharedReplies, Socket.GetType().Name, services);
    }

    public PhoenixSocket Socket { get; }

    public ISerializer Serializer { get; }

    /// <summary>
    /// Whether the client has joined a topic or sent a heartbeat on this connection. phoenix.js sends no heartbeat over
    /// long-poll, so a client that only pushes believes that it is still joined.
    /// </summary>
    public bool HasJoinedOrSentHeartbeat { get; private set; }

    /// <summary>Completed once the socket has been disposed of; <c>null</c> where nobody waits for that.</summary>
    public TaskCompletionSource? Ended { get; init; }

    /// <summary>Handles one frame from the client. Called by the read loop only.</summary>
    /// <exception cref="InvalidMessageException">The frame is not a message of the protocol.</exception>
    public void Receive(ReadOnlyMemory<byte> frame, bool isBinary)
    {
        if (!_transport.IsClosing)
        {
            Handle(new ClientMessage(Serializer.Decode(frame, isBinary)));
        }
    }

    /// <summary>
    /// As <see cref="Receive"/>, for a transport that acknowledges: completes when a join has been answered.
    /// </summary>
    /// <exception cref="InvalidMessageException">The frame is not a message of the protocol.</exception>
    public Task ReceiveAsync(ReadOnlyMemory<byte> frame, bool isBinary)
    {
        if (_transport.IsClosing)
        {
            return Task.CompletedTask;
        }

        var item = new ClientMessage(Serializer.Decode(frame, isBinary));
        if (item.Message.Event != Events.Join)
        {
            Handle(item);
            return Task.CompletedTask;
        }

        var completion = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Handle(item with { Completion = completion }) ? completion.Task : Task.CompletedTask;
    }

    /// <summary>
    /// Ends all channels, once, because the connection has ended or is about to. The last channel to end disposes of
    /// the socket, so that <see cref="Channel.TerminateAsync"/> can still use it.
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
                channel.Mailbox.Post(SocketGone.Instance);
            }
        }

        _services.Replies.Leave(_sharedReplies);
        foreach (var channel in channels)
        {
            channel.Cancel();
        }

        if (channels.Length == 0)
        {
            _ = EndSocketAsync();
        }
    }

    /// <summary>
    /// How many items were ever posted to the mailboxes, and whether all of them have been handled. Two equal answers
    /// of every socket, one after the other, mean that nothing happened in between.
    /// </summary>
    public (int Posted, bool IsIdle) Progress()
    {
        lock (_lock)
        {
            var channels = _channels.Values;
            return (
                _postedToEnded + channels.Sum(channel => channel.Mailbox.PostedCount),
                !channels.Any(channel => channel.Mailbox.IsRunning));
        }
    }

    /// <summary>Completes when every topic has handled what is in its mailbox now.</summary>
    public Task WaitUntilHandledAsync()
    {
        lock (_lock)
        {
            return Task.WhenAll(_channels.Values.Select(channel => channel.Mailbox.WaitUntilHandledAsync()));
        }
    }

    // Returns whether the item is in a topic's mailbox, and so will be handled later.
    private bool Handle(ClientMessage item)
    {
        var message = item.Message;
        _services.Metrics.MessageIn();
        if (!_rate.TryCount())
        {
            _writer.Reply(message, "error", TooManyPerSecond);
            _transport.Close(CloseReason.TooManyMessages);
            return false;
        }

        if (FindExcess(message) is { } reason)
        {
            _writer.Reply(message, "error", reason);
            return false;
        }

        if (message is { Topic: Events.PhoenixTopic, Event: Events.Heartbeat })
        {
            HasJoinedOrSentHeartbeat = true;
            _writer.Reply(message with { JoinRef = Ref.Null }, "ok", Payload.Empty);
            return false;
        }

        lock (_lock)
        {
            if (_isEnded)
            {
                return false;
            }

            return message.Event == Events.Join ? Join(WithParameters(item)) : PushOrLeave(item);
        }
    }

    // Phoenix passes null to join/3 (phoenix@167c469 lib/phoenix/channel/server.ex, channel_join/4), and a channel that
    // looks for parameters in it crashes. Clients that leave the payload out send null; here it means no parameters.
    private static ClientMessage WithParameters(ClientMessage item) =>
        item.Message.Payload.IsNull ? item with { Message = item.Message with { Payload = Payload.Empty } } : item;

    private Payload? FindExcess(Message message)
    {
        if (IsTooLong(message.Topic, _services.Options.MaxTopicBytes))
        {
            return TopicTooLong;
        }

        return IsTooLong(message.Event, _services.Options.MaxEventBytes) ? EventTooLong : null;
    }

    // No text has more bytes than three times its UTF-16 length.
    private static bool IsTooLong(string text, int maxBytes) =>
        text.Length > maxBytes / 3 && Encoding.UTF8.GetByteCount(text) > maxBytes;

    private bool Join(ClientMessage item)
    {
        HasJoinedOrSentHeartbeat = true;
        var message = item.Message;
        if (_channels.TryGetValue(message.Topic, out var joined))
        {
            joined.HurryUp();
            var posted = Post(joined, item);
            if (posted != Posted.Closed)
            {
                return posted == Posted.Queued;
            }

            Forget(joined); // it has ended, and its own loop has not come here yet
        }

        if (_routes.Match(message.Topic) is not { } route)
        {
            Log.UnmatchedTopic(_services.Logger, message.Topic, Socket.GetType().Name);
            _services.Metrics.Joined(JoinOutcome.Unmatched.Name);
            _writer.ReplyUnmatched(message);
            return false;
        }

        if (IsFull())
        {
            _services.Metrics.Joined(JoinOutcome.TooMany.Name);
            _writer.Reply(message, "error", TooManyChannels);
            return false;
        }

        var channel = new ChannelSession(message, route, Socket, _writer, _services, _onTopicEnded);
        _channels.Add(message.Topic, channel);
        return Post(channel, item) == Posted.Queued;
    }

    private bool IsFull()
    {
        var max = _services.Options.MaxChannelsPerSocket;
        return _channels.Count >= max && _channels.Values.Count(channel => !channel.IsClosed) >= max;
    }

    private bool PushOrLeave(ClientMessage item)
    {
        var posted = _channels.TryGetValue(item.Message.Topic, out var channel) ? Post(channel, item) : Posted.Closed;
        if (posted == Posted.Closed)
        {
            _writer.ReplyNotJoined(item.Message);
        }

        return posted == Posted.Queued;
    }

    // Overflow policy: a push is refused with an error. Joins and leaves cannot be refused, so a client that floods a
    // topic with them loses its connection.
    private Posted Post(ChannelSession channel, ClientMessage item)
    {
        var posted = channel.Mailbox.Post(item);
        if (posted == Posted.Full)
        {
            if (item.Message.Event is Events.Join or Events.Leave)
            {
                _transport.Close(CloseReason.MailboxFull);
            }
            else
            {
                _writer.Reply(item.Message, "error", TooManyMessages);
            }
        }

        return posted;
    }

    private void OnTopicEnded(ChannelSession channel)
    {
        lock (_lock)
        {
            if (_channels.GetValueOrDefault(channel.Topic) != channel)
            {
                return; // a new join has already replaced it
            }

            Forget(channel);
            if (!_isEnded || _channels.Count > 0)
            {
                return;
            }
        }

        _ = EndSocketAsync(); // it was the last topic
    }

    private void Forget(ChannelSession ended)
    {
        _channels.Remove(ended.Topic);
        _postedToEnded += ended.Mailbox.PostedCount;
    }

    private async Task EndSocketAsync()
    {
        await _services.Activation.EndAsync(Socket, Socket.Scope);
        Ended?.TrySetResult();
    }

    private static partial class Log
    {
        // Debug only: a client chooses how long and how many these lines are, and could fill the disk.
        [LoggerMessage(LogLevel.Debug, "No channel of {Socket} serves the topic \"{Topic}\".")]
        public static partial void UnmatchedTopic(ILogger logger, ClientText topic, string socket);
    }
}
