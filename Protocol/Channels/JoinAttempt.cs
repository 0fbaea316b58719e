namespace Kaffediem.Protocol;

/// <summary>
/// One join: creates a channel for it, asks the channel whether the client may join, and replies.
/// </summary>
internal sealed class JoinAttempt(
    ChannelSession topic, Message message, ClientWriter writer, HandlerCalls calls, SocketServices services)
{
    private static readonly Payload JoinCrashed = Payload.Reason("join crashed");

    /// <summary>The channel; <c>null</c> when it could not be created.</summary>
    public Channel? Channel { get; private set; }

    public JoinOutcome Outcome { get; private set; } = JoinOutcome.Crashed;

    /// <summary>Up to where the reply's snapshot reaches, if it has one.</summary>
    public long Position { get; private set; }

    public async Task RunAsync(Func<IServiceProvider, Channel> route, PhoenixSocket socket)
    {
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
                Outcome = JoinOutcome.CutShort;
                return;
            }

            writer.Reply(message, "error", JoinCrashed);
        }
    }

    private void Answer(Channel channel, JoinResult result)
    {
        if (!result.IsOk)
        {
            channel.Detach();
        }

        // A client that cannot receive the response would not know that it is admitted, so it is refused.
        var isReceived = writer.Reply(message, result.IsOk ? "ok" : "error", result.Response);
        if (result.IsOk && !isReceived)
        {
            channel.Detach();
        }

        Outcome = result.IsOk && isReceived ? JoinOutcome.Ok : JoinOutcome.Refused;
        Position = result.Position;
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
