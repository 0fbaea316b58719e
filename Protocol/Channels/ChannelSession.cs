using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>
/// One topic of one socket: handles what its <see cref="Mailbox"/> hands over, one item at a time
/// (phoenix@167c469 <c>lib/phoenix/channel/server.ex</c>; docs/protocol.md, "Events" and "Joining"). Its state belongs
/// to the mailbox's loop, except where a field says otherwise.
/// </summary>
internal sealed partial class ChannelSession
{
    private static readonly Payload TooManyBytes = Payload.Reason("too many bytes asked for: try again later");
    private static readonly Payload ChannelCrash = Payload.Reason("channel_crash");

    private readonly HandlerCalls _calls;
    private readonly ReadOnlyMemory<byte> _topicJson;
    private readonly Func<IServiceProvider, Channel> _route;
    private readonly PhoenixSocket _socket;
    private readonly ClientWriter _writer;
    private readonly SocketServices _services;
    private readonly Action<ChannelSession> _onEnded;
    private Channel? _channel;
    private Ref _joinRef;

    // Written by the loop, read by the socket's read loop.
    private volatile bool _isClosed;

    /// <param name="firstJoin">The join that this topic begins with; it still has to be posted.</param>
    /// <param name="route">Creates the topic's channels.</param>
    /// <param name="socket">The socket that the topic belongs to.</param>
    /// <param name="writer">Writes to the client.</param>
    /// <param name="services">What all sockets share.</param>
    /// <param name="onEnded">Called once, when the topic is not joined and its mailbox is empty.</param>
    public ChannelSession(
        Message firstJoin,
        Func<IServiceProvider, Channel> route,
        PhoenixSocket socket,
        ClientWriter writer,
        SocketServices services,
        Action<ChannelSession> onEnded)
    {
        (_route, _socket, _writer, _services, _onEnded) = (route, socket, writer, services, onEnded);
        (Topic, _topicJson) = (firstJoin.Topic, firstJoin.TopicJson.ToArray());
        _calls = new HandlerCalls(Topic, services);
        Mailbox = new Mailbox(services.Options.MaxQueuedMessages, this);
    }

    public string Topic { get; }

    public Mailbox Mailbox { get; }

    public PubSub PubSub => _services.PubSub;

    public bool SupportsBinary => _writer.SupportsBinary;

    public bool IsJoined => _channel is not null;

    /// <summary>
    /// Whether the client knows that its channel is over, though the channel may still be tidying up.
    /// </summary>
    public bool IsClosed => _isClosed;

    /// <summary>A new join is coming: the handler that runs now gets a few seconds more.</summary>
    public void HurryUp() => _calls.HurryUp();

    /// <summary>The connection has ended: cancels the handler that runs now, and those after it.</summary>
    public void Cancel() => _calls.Cancel();

    /// <summary>The mailbox is empty, and the topic is not joined.</summary>
    public void OnMailboxClosed() => _onEnded(this);

    // The next four are called by Channel. Pushes and replies go out under the join that the channel was created for.

    public Frame Encode(Channel channel, string @event, Payload payload) =>
        _writer.Encode(new Push(channel.JoinRef, Ref.Null, _topicJson, @event, payload));

    public void SendPush(in Frame push) => _writer.SendPush(push);

    public void Reply(Channel channel, Ref @ref, string status, Payload response) =>
        _writer.Reply(new Reply(channel.JoinRef, @ref, _topicJson, status, response));

    /// <summary>Overflow policy: a client whose channel cannot keep up with the broadcasts that it intercepts is cut
    /// off, and comes back for a fresh start.</summary>
    public void Post(ChannelItem item)
    {
        if (Mailbox.Post(item) == Posted.Full)
        {
            _writer.Transport.Close(CloseReason.HandleOutFull);
        }
    }

    /// <summary>Handles one item. Called by the mailbox's loop only; never throws.</summary>
    public async Task HandleAsync(MailboxItem item)
    {
        try
        {
            await DispatchAsync(item);
        }
        catch (Exception exception)
        {
            // The exceptions of handlers are caught where they are called: this one is a fault of this library.
            if (_services.MayLog(exception))
            {
                Log.Failed(_services.Logger, exception, Topic);
            }
        }
    }

    private Task DispatchAsync(MailboxItem item) => item switch
    {
        ClientMessage { Message: var message } => HandleAsync(message),
        Milestone => Task.CompletedTask,
        ChannelItem { Channel: var channel } when channel != _channel => Task.CompletedTask,
        InterceptedBroadcast broadcast => HandleOutAsync(broadcast),
        MissedBroadcast => MissAsync(),
        StopRequest => StopAsync(TerminateReason.Stopped),
        _ => EndAsync(TerminateReason.Closed), // SocketGone
    };

    private Task HandleAsync(Message message)
    {
        if (message.Event == Events.Join)
        {
            return _writer.MayAsk() ? JoinAsync(message) : RefuseForNow(message);
        }

        if (_channel is not { } channel)
        {
            _writer.ReplyNotJoined(message);
            return Task.CompletedTask;
        }

        // Stale: it was meant for a join of this topic that has been replaced (since Phoenix 1.8.3; null since 1.8.12).
        if (!message.JoinRef.IsNull && !message.JoinRef.Equals(_joinRef))
        {
            return Task.CompletedTask;
        }

        if (message.Event == Events.Leave)
        {
            return LeaveAsync(channel, message);
        }

        return _writer.MayAsk() ? HandleInAsync(channel, message) : RefuseForNow(message);
    }

    // A few bytes can ask for a long reply. The client is not cut off: phoenix.js joins again after an error, only
    // later.
    private Task RefuseForNow(Message message)
    {
        _writer.Reply(message, "error", TooManyBytes);
        return Task.CompletedTask;
    }

    // docs/protocol.md, "Joining": the last join wins. Order on the wire: the new reply, the old phx_close, then what
    // the new channel pushes.
    private async Task JoinAsync(Message message)
    {
        _isClosed = false;
        Ref? replaced = _channel is null ? null : _joinRef;
        await EndAsync(TerminateReason.DuplicateJoin);

        if (!_calls.TryBegin())
        {
            _services.Metrics.Joined(JoinOutcome.CutShort.Name);
            return;
        }

        var join = new JoinAttempt(this, message, _writer, _calls, _services);
        await join.RunAsync(_route, _socket);
        if (join.Outcome != JoinOutcome.CutShort && replaced is { } joinRef)
        {
            PushClose(Events.Close, Payload.Empty, joinRef);
        }

        if (join.Outcome == JoinOutcome.Ok && join.Channel is { } channel)
        {
            (_channel, _joinRef) = (channel, message.JoinRef.Copy());
            channel.Open();
            channel.Subscription.Release(join.Position);
            return;
        }

        _calls.End();
        await DisposeAsync(join.Channel);
    }

    private async Task HandleInAsync(Channel channel, Message message)
    {
        PushResult result;
        channel.Current = message;
        try
        {
            result = await _calls.HandleInAsync(channel, message);
            if (result.Status is { } status)
            {
                _writer.Reply(message with { JoinRef = channel.JoinRef }, status, result.Response);
            }

            if (channel.IsHolding)
            {
                channel.IsHolding = false;
                channel.Subscription.Release(result.Position);
            }

            Log.Handled(_services.Logger, message.Event, Topic, result.Status ?? "not yet");
        }
        catch (Exception exception)
        {
            await CrashAsync(exception, message.Event);
            return;
        }
        finally
        {
            channel.Current = null;
        }

        if (result.IsStop)
        {
            await StopAsync(TerminateReason.Stopped);
        }
    }

    private async Task HandleOutAsync(InterceptedBroadcast broadcast)
    {
        try
        {
            await _calls.HandleOutAsync(broadcast);
        }
        catch (BinaryNotSupportedException)
        {
            await MissAsync();
        }
        catch (Exception exception)
        {
            await CrashAsync(exception, broadcast.Event);
        }
    }

    private async Task LeaveAsync(Channel channel, Message message)
    {
        channel.Subscription.Dispose(); // no broadcast after the reply
        _writer.Reply(message with { JoinRef = channel.JoinRef }, "ok", Payload.Empty);
        await StopAsync(TerminateReason.Left);
    }

    private Task MissAsync()
    {
        _writer.LogBinaryWithheld();
        return FailAsync(ClientWriter.BinaryNeedsV2);
    }

    // No reply to the push, if it was one; the client joins again (docs/protocol.md, "Events").
    private Task CrashAsync(Exception exception, string @event)
    {
        _calls.LogCrash(exception, @event);
        return _calls.IsCutShort ? EndAsync(TerminateReason.Closed) : FailAsync(ChannelCrash);
    }

    // phx_error makes the client join again; phx_close would keep it away (docs/protocol.md, "phoenix.js").
    private async Task FailAsync(Payload error)
    {
        var joinRef = _joinRef;
        await EndAsync(TerminateReason.Crashed);
        PushClose(Events.Error, error, joinRef);
    }

    // phx_close first, then what TerminateAsync still pushes (docs/protocol.md, "Events").
    private async Task StopAsync(TerminateReason reason)
    {
        _isClosed = true;
        PushClose(Events.Close, Payload.Empty, _joinRef);
        await EndAsync(reason);
    }

    private async Task EndAsync(TerminateReason reason)
    {
        if (_channel is { } channel)
        {
            channel.Subscription.Dispose();
            await _calls.TerminateAsync(channel, reason);
            channel.Detach();
            await DisposeAsync(channel);
            _channel = null;
        }

        _calls.End();
    }

    private Task DisposeAsync(Channel? channel) =>
        channel is null ? Task.CompletedTask : _services.Activation.EndAsync(channel, channel.Scope);

    // phx_close and phx_error repeat the join_ref as ref: [join_ref, join_ref, topic, event, payload].
    private void PushClose(string @event, Payload payload, Ref joinRef) =>
        _writer.SendPush(_writer.Encode(new Push(joinRef, joinRef, _topicJson, @event, payload)));

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Trace, "HANDLED {Event} on {Topic}, answered {Status}.")]
        public static partial void Handled(ILogger logger, ClientText @event, ClientText topic, string status);

        [LoggerMessage(LogLevel.Critical, "The loop of topic \"{Topic}\" failed.")]
        public static partial void Failed(ILogger logger, Exception exception, ClientText topic);
    }
}
