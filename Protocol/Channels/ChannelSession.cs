using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>
/// One topic of one socket: takes its messages from a mailbox, one after the other, so that their order is kept, and
/// runs only while there are some (phoenix@167c469 <c>lib/phoenix/channel/server.ex</c>; docs/protocol.md, "Events" and
/// "Joining"). The mailbox belongs to the socket's lock, everything else to this loop.
/// </summary>
[SuppressMessage(
    "Reliability", "CA1001", Justification = "A CancellationTokenSource that links to no other holds nothing.")]
internal sealed partial class ChannelSession(
    SocketSession session, Message firstJoin, Func<IServiceProvider, Channel> route) : IThreadPoolWorkItem
{
    private static readonly Payload JoinCrashed = Payload.Reason("join crashed");
    private static readonly Payload TooManyBytes = Payload.Reason("too many bytes asked for: try again later");
    private static readonly Payload ChannelCrash = Payload.Reason("channel_crash");

    private readonly Queue<MailboxItem> _mailbox = new();
    private readonly ReadOnlyMemory<byte> _topicJson = firstJoin.TopicJson.ToArray();
    private bool _isRunning;
    private volatile bool _isClosed;
    private Channel? _channel;
    private Ref _joinRef;

    // Never disposed of: others cancel it at any time.
    private volatile CancellationTokenSource? _stop;

    public string Topic { get; } = firstJoin.Topic;
    public PubSub PubSub => session.Services.PubSub;

    /// <summary>How much waits in the mailbox.</summary>
    public int Waiting => _mailbox.Count;

    public bool IsJoined => _channel is not null;

    /// <summary>Whether a handler runs or something waits for one. Under the socket's lock.</summary>
    public bool IsRunning => _isRunning;

    /// <summary>
    /// Whether the client has been told that its channel is over, though the channel may still be tidying up.
    /// </summary>
    public bool IsClosed => _isClosed;

    // Handlers are cancelled when the connection goes: that is no fault.
    private bool IsCutShort => session.IsEnded;

    private ILogger Logger => session.Services.Logger;
    public bool TakesBinary => session.TakesBinary;

    /// <summary>Adds to the mailbox. Under the socket's lock.</summary>
    public void Post(MailboxItem item)
    {
        _mailbox.Enqueue(item);
        if (!_isRunning)
        {
            _isRunning = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Takes from the mailbox; <c>false</c> ends the loop. Under the socket's lock.</summary>
    public bool TryTake([NotNullWhen(true)] out MailboxItem? item) => _isRunning = _mailbox.TryDequeue(out item);

    /// <summary>A new join is coming: what runs now has a few seconds left (Phoenix: <c>shutdown: 5_000</c>).</summary>
    public void HurryUp() => _stop?.CancelAfter(session.Services.Options.ChannelShutdownTimeout);

    /// <summary>The connection is gone: what runs now is cancelled.</summary>
    public void Cancel() => _stop?.Cancel();

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    // Called by Channel: to the client under the join it made, and to itself.
    public Frame Encode(Channel channel, string @event, Payload payload) =>
        session.Encode(new Push(channel.JoinRef, Ref.Null, _topicJson, @event, payload));

    public void Send(in Frame push) => session.Send(push);

    public void SendReply(Channel channel, Ref @ref, string status, Payload response) =>
        session.SendReply(session.Encode(new Reply(channel.JoinRef, @ref, _topicJson, status, response)));

    public void PostOwn(ChannelItem item) => session.PostOwn(this, item);

    private async Task RunAsync()
    {
        while (session.TryTake(this, out var item))
        {
            try
            {
                await HandleAsync(item);
            }
            catch (Exception exception)
            {
                // Handlers' exceptions are caught where they are called: this one is ours.
                if (session.Services.MayLog(exception))
                {
                    Log.Failed(Logger, exception, Topic);
                }
            }
            finally
            {
                item.Handled?.TrySetResult();
            }
        }
    }

    private Task HandleAsync(MailboxItem item) => item switch
    {
        Message message => HandleAsync(message),
        Milestone => Task.CompletedTask,
        ChannelItem { Channel: var channel } when channel != _channel => Task.CompletedTask,
        InterceptedBroadcast broadcast => HandleOutAsync(broadcast),
        MissedBroadcast => MissAsync(),
        StopRequest => StopAsync(TerminateReason.Stopped),
        _ => EndAsync(TerminateReason.Closed), // SocketGone
    };

    private Task HandleAsync(Message message) => message switch
    {
        { Event: Events.Join } => session.MayAsk() ? JoinAsync(message) : RefuseForNow(message),
        _ when _channel is null => AnswerUnjoined(message),

        // Stale: it was meant for a join of this topic that has been replaced (since Phoenix 1.8.3; null since 1.8.12).
        _ when !message.JoinRef.IsNull && !message.JoinRef.Equals(_joinRef) => Task.CompletedTask,
        { Event: Events.Leave } => LeaveAsync(_channel, message),
        _ => session.MayAsk() ? HandleInAsync(_channel, message) : RefuseForNow(message),
    };

    private Task AnswerUnjoined(Message message)
    {
        session.AnswerUnjoined(message);
        return Task.CompletedTask;
    }

    // A few bytes can ask for a long reply. The client is not cut off: phoenix.js joins again after an error, only
    // later.
    private Task RefuseForNow(Message message)
    {
        session.Reply(message, "error", TooManyBytes);
        return Task.CompletedTask;
    }

    // docs/protocol.md, "Joining": the last join wins. Order on the wire: the new reply, the old phx_close, then what
    // the new channel pushes.
    private async Task JoinAsync(Message message)
    {
        _isClosed = false;
        Ref? replaced = _channel is null ? null : _joinRef;
        await EndAsync(TerminateReason.DuplicateJoin);

        // Set before the check: a connection that ends after it cancels the join.
        _stop = new CancellationTokenSource();
        if (session.IsEnded)
        {
            session.Services.Metrics.Joined(JoinOutcome.CutShort);
            return;
        }

        var begun = session.Services.Time.GetTimestamp();
        var (channel, outcome, position, reply) = await CallJoinAsync(message);
        session.Services.Metrics.Joined(outcome);
        Log.Joined(Logger, Topic, outcome.Name, session.Services.Time.GetElapsedTime(begun).TotalMilliseconds);
        AnswerJoin(reply, replaced);
        if (outcome == JoinOutcome.Ok)
        {
            (_channel, _joinRef) = (channel!, message.JoinRef.Copy());
            channel!.Open();
            channel.Subscription.Release(position);
            return;
        }

        _stop = null;
        await DisposeAsync(channel);
    }

    // Without a reply the client has gone: it does not get the phx_close of the replaced channel either.
    private void AnswerJoin(Frame? reply, Ref? replaced)
    {
        if (reply is not { } answer)
        {
            return;
        }

        session.SendReply(answer);
        if (replaced is { } joinRef)
        {
            PushClose(Events.Close, Payload.Empty, joinRef);
        }
    }

    private async Task<(Channel? Made, JoinOutcome Outcome, long Position, Frame? Reply)> CallJoinAsync(Message message)
    {
        Channel? channel = null;
        try
        {
            (channel, var scope) = await session.Services.Activation.CreateAsync(route);
            channel.Scope = scope;
            Attach(channel, message);
            var result = await CallAsync(token => channel.JoinAsync(message.Payload, token));
            if (!session.Takes(result.Response))
            {
                result = JoinResult.Error(SocketSession.BinaryNeedsV2); // it would not know that it is admitted
            }

            var reply = EncodeReply(message, result.IsOk ? "ok" : "error", result.Response);
            if (result.IsOk)
            {
                return (channel, JoinOutcome.Ok, result.Position, reply);
            }

            channel.Detach();
            return (channel, JoinOutcome.Refused, 0, reply);
        }
        catch (Exception exception)
        {
            LogCrash(exception, message.Event, isConstruction: channel is null);
            channel?.Detach();

            // When the client goes, its join is cancelled: that is not a crash, and gets no reply.
            return IsCutShort
                ? (channel, JoinOutcome.CutShort, 0, null)
                : (channel, JoinOutcome.Crashed, 0, EncodeReply(message, "error", JoinCrashed));
        }
    }

    private void Attach(Channel channel, Message message)
    {
        // Phoenix: socket.join_ref = join_ref || ref. V1 clients send no join_ref.
        var joinRef = message.JoinRef.IsNull ? message.Ref : message.JoinRef;
        channel.Attach(this, session.Socket, joinRef.Copy());
        channel.Subscription = session.Subscribe(channel);
    }

    private async Task HandleInAsync(Channel channel, Message message)
    {
        PushResult result;
        channel.Handled = message;
        try
        {
            result = await CallAsync(token => channel.HandleInAsync(message.Event, message.Payload, token));
            if (result.Status is { } status)
            {
                session.SendReply(EncodeReply(message with { JoinRef = channel.JoinRef }, status, result.Response));
            }

            if (channel.IsHolding)
            {
                channel.IsHolding = false;
                channel.Subscription.Release(result.Position);
            }

            Log.Handled(Logger, message.Event, Topic, result.Status ?? "not yet");
        }
        catch (Exception exception)
        {
            await CrashAsync(exception, message.Event);
            return;
        }
        finally
        {
            channel.Handled = null;
        }

        if (result.IsStop)
        {
            await StopAsync(TerminateReason.Stopped);
        }
    }

    private async Task HandleOutAsync(InterceptedBroadcast broadcast)
    {
        var token = _stop!.Token;
        try
        {
            await broadcast.Channel.HandleOutAsync(broadcast.Event, broadcast.Payload, token).WaitAsync(token);
        }
        catch (BinaryNotTakenException)
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
        session.Reply(message with { JoinRef = channel.JoinRef }, "ok", Payload.Empty);
        await StopAsync(TerminateReason.Left);
    }

    private Task MissAsync()
    {
        session.LogTakesNoBinary();
        return FailAsync(SocketSession.BinaryNeedsV2);
    }

    // No reply to the push, if it was one; the client joins again (docs/protocol.md, "Events").
    private Task CrashAsync(Exception exception, string @event)
    {
        LogCrash(exception, @event);
        return IsCutShort ? EndAsync(TerminateReason.Closed) : FailAsync(ChannelCrash);
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
            await CallTerminateAsync(channel, reason);
            channel.Detach();
            await DisposeAsync(channel);
            _channel = null;
        }

        _stop = null;
    }

    private Task DisposeAsync(Channel? channel) =>
        channel is null ? Task.CompletedTask : session.Services.Activation.EndAsync(channel, channel.Scope);

    // The channel's own token may be cancelled already: what it has to tidy up gets a time of its own.
    private async Task CallTerminateAsync(Channel channel, TerminateReason reason)
    {
        using var patience = new CancellationTokenSource(
            session.Services.Options.ChannelShutdownTimeout, session.Services.Time);
        try
        {
            await channel.TerminateAsync(reason, patience.Token).WaitAsync(patience.Token);
        }
        catch (Exception exception)
        {
            LogCrashed(exception, nameof(Channel.TerminateAsync), isConstruction: false);
        }
    }

    // A handler that ignores its cancellation is left behind: .NET cannot kill it, and the topic must go on.
    private Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> handler)
    {
        var token = _stop!.Token;
        var task = handler(token);
        return task.IsCompleted ? task : task.WaitAsync(token);
    }

    // phx_close and phx_error repeat the join_ref as ref: [join_ref, join_ref, topic, event, payload].
    private void PushClose(string @event, Payload payload, Ref joinRef) =>
        session.Send(session.Encode(new Push(joinRef, joinRef, _topicJson, @event, payload)));

    private Frame EncodeReply(Message message, string status, Payload response) =>
        session.Encode(new Reply(message.JoinRef, message.Ref, message.TopicJson, status, response));

    private void LogCrash(Exception exception, string @event, bool isConstruction = false)
    {
        if (!IsCutShort)
        {
            LogCrashed(exception, @event, isConstruction);
        }
    }

    private void LogCrashed(Exception exception, string @event, bool isConstruction)
    {
        if (session.Services.MayLog(exception))
        {
            Log.Crashed(Logger, Topic, @event, Describe(exception, isConstruction));
        }
    }

    // A constructor has not seen the payload yet, so its exception cannot quote it.
    private string Describe(Exception exception, bool isConstruction) =>
        Crash.Describe(exception, withMessages: isConstruction || session.Services.Options.LogExceptionMessages);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "JOINED {Topic}: {Outcome}, in {Milliseconds} ms.")]
        public static partial void Joined(ILogger logger, ClientText topic, string outcome, double milliseconds);

        [LoggerMessage(LogLevel.Trace, "HANDLED {Event} on {Topic}, answered {Status}.")]
        public static partial void Handled(ILogger logger, ClientText @event, ClientText topic, string status);

        [LoggerMessage(LogLevel.Error, "A channel of topic \"{Topic}\" crashed in \"{Event}\": {Crash}")]
        public static partial void Crashed(ILogger logger, ClientText topic, ClientText @event, string crash);

        [LoggerMessage(LogLevel.Critical, "The loop of topic \"{Topic}\" failed.")]
        public static partial void Failed(ILogger logger, Exception exception, ClientText topic);
    }
}
