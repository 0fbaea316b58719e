using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>
/// One join: creates a channel for it, asks the channel whether the client may join, and replies.
/// </summary>
internal sealed partial class JoinAttempt(
    ChannelSession topic, Message message, ClientWriter writer, HandlerCalls calls, SocketServices services)
{
    private static readonly Payload JoinCrashed = Payload.Reason("join crashed");

    private long _begun;

    /// <summary>The channel; <c>null</c> when it could not be created.</summary>
    public Channel? Channel { get; private set; }

    public JoinOutcome Outcome { get; private set; } = JoinOutcome.Crashed;

    /// <summary>Up to where the reply's snapshot reaches, if it has one.</summary>
    public long Position { get; private set; }

    public async Task RunAsync(Func<IServiceProvider, Channel> route, PhoenixSocket socket)
    {
        _begun = services.Time.GetTimestamp();
        try
        {
            var (channel, scope) = await services.Activation.CreateAsync(route);
            channel.Scope = scope;
            Channel = channel;

            // Phoenix: socket.join_ref = join_ref || ref. V1 clients send no join_ref.
            var joinRef = message.JoinRef.IsNull ? message.Ref : message.JoinRef;
            channel.Attach(topic, socket, joinRef.Copy());
            channel.Subscription = services.PubSub.Subscribe(channel, writer.Transport, writer.Serializer);
            Answer(channel, await calls.JoinAsync(channel, message.Payload));
        }
        catch (Exception exception)
        {
            calls.LogCrash(exception, message.Event, isConstruction: Channel is null);
            Channel?.Detach();

            // When the client goes, its join is cancelled: that is not a crash, and gets no reply.
            if (calls.IsCutShort)
            {
                End(JoinOutcome.CutShort);
                return;
            }

            End(JoinOutcome.Crashed);
            writer.Reply(message, "error", JoinCrashed);
        }
    }

    private void Answer(Channel channel, JoinResult result)
    {
        // A client that cannot receive the response would not know that it is admitted, so it is refused.
        var (reply, isWhole) = writer.EncodeReply(new Reply(
            message.JoinRef, message.Ref, message.TopicJson, result.IsOk ? "ok" : "error", result.Response));
        var isJoined = result.IsOk && isWhole;
        if (!isJoined)
        {
            channel.Detach();
        }

        Position = result.Position;
        End(isJoined ? JoinOutcome.Ok : JoinOutcome.Refused);
        writer.SendReply(reply);
    }

    // Counted before the reply is sent: then nothing delays the release of the broadcasts that wait for the reply.
    private void End(JoinOutcome outcome)
    {
        Outcome = outcome;
        services.Metrics.Joined(outcome.Name);
        Log.Joined(
            services.Logger, topic.Topic, outcome.Name, services.Time.GetElapsedTime(_begun).TotalMilliseconds);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "JOINED {Topic}: {Outcome}, in {Milliseconds} ms.")]
        public static partial void Joined(ILogger logger, ClientText topic, string outcome, double milliseconds);
    }
}

/// <summary>How a join ended, as it is counted.</summary>
internal sealed record JoinOutcome(string Name)
{
    public static readonly JoinOutcome Ok = new("ok");
    public static readonly JoinOutcome Refused = new("refused");
    public static readonly JoinOutcome Crashed = new("crashed");
    public static readonly JoinOutcome CutShort = new("cut short");
    public static readonly JoinOutcome Unmatched = new("unmatched");
    public static readonly JoinOutcome TooMany = new("too many channels");
}
