namespace Kaffediem.Protocol;

/// <summary>One join: creates a channel for it, and asks the channel whether the client may join.</summary>
internal sealed class JoinAttempt(
    ChannelSession topic, Message message, ClientWriter writer, HandlerCalls calls, SocketServices services)
{
    private static readonly Payload JoinCrashed = Payload.Reason("join crashed");

    /// <summary>The channel; <c>null</c> when it could not be created.</summary>
    public Channel? Channel { get; private set; }

    public JoinOutcome Outcome { get; private set; } = JoinOutcome.Crashed;

    /// <summary>Up to where the reply's snapshot reaches, if it has one.</summary>
    public long Position { get; private set; }

    /// <summary>The reply; <c>null</c> when the client has gone.</summary>
    public Frame? Reply { get; private set; }

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
            Decide(channel, await calls.CallAsync(token => channel.JoinAsync(message.Payload, token)));
        }
        catch (Exception exception)
        {
            calls.LogCrash(exception, message.Event, isConstruction: Channel is null);
            Channel?.Detach();

            // When the client goes, its join is cancelled: that is not a crash, and gets no reply.
            Outcome = calls.IsCutShort ? JoinOutcome.CutShort : JoinOutcome.Crashed;
            Reply = calls.IsCutShort ? null : Encode("error", JoinCrashed);
        }
    }

    private void Decide(Channel channel, JoinResult result)
    {
        if (!writer.CanReceive(result.Response))
        {
            result = JoinResult.Error(ClientWriter.BinaryNeedsV2); // it would not know that it is admitted
        }

        Reply = Encode(result.IsOk ? "ok" : "error", result.Response);
        Outcome = result.IsOk ? JoinOutcome.Ok : JoinOutcome.Refused;
        Position = result.Position;
        if (!result.IsOk)
        {
            channel.Detach();
        }
    }

    private Frame Encode(string status, Payload response) =>
        writer.Encode(new Reply(message.JoinRef, message.Ref, message.TopicJson, status, response));
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
