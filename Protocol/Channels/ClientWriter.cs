namespace Kaffediem.Protocol;

/// <summary>
/// Encodes and sends all that one client receives, except broadcasts, which are encoded once for everybody
/// (<see cref="Subscription"/>). The socket and each of its topics hold the same instance. Counts the bytes of replies
/// in the client's budgets. Thread-safe.
/// </summary>
/// <param name="serializer">The client's version of the wire format.</param>
/// <param name="transport">The client's connection.</param>
/// <param name="sharedReplies">The budget that the client shares with others of its address or user.</param>
/// <param name="socket">The name of the socket's type, for the log.</param>
/// <param name="services">What all sockets share.</param>
internal sealed class ClientWriter(
    ISerializer serializer,
    ITransport transport,
    SharedReplyBudget sharedReplies,
    string socket,
    SocketServices services)
{
    /// <summary>The error for a client that cannot receive binary payloads: it speaks V1, or long-poll.</summary>
    public static readonly Payload BinaryNeedsV2 = Payload.Reason("binary payloads need vsn 2.0.x over a WebSocket");

    private static readonly Payload UnmatchedTopic = Payload.Reason("unmatched topic");

    private readonly ReplyBudget _replies = new(
        services.Options.MaxReplyBytesPerSecond, services.Options.MaxReplyBurstBytes, services.Time);

    private int _hasLoggedBinary;

    public ISerializer Serializer => serializer;

    public ITransport Transport => transport;

    /// <summary>Whether the client can receive binary payloads.</summary>
    public bool SupportsBinary => serializer.SupportsBinary && transport.SupportsBinary;

    /// <summary>Whether the client may ask for another reply, or has used up a budget.</summary>
    public bool MayAsk() => _replies.HasLeft && services.Replies.MayAsk(sharedReplies);

    /// <summary>Answers a message under the join_ref that it came with.</summary>
    /// <returns><c>false</c> when the client cannot receive the response, and got an error that says so.</returns>
    /// <exception cref="ArgumentException">
    /// The response is binary, and a text of the reply is too long for a binary frame. Nothing is sent.
    /// </exception>
    public bool Reply(Message message, string status, Payload response) =>
        Reply(new Reply(message.JoinRef, message.Ref, message.TopicJson, status, response));

    /// <inheritdoc cref="Reply(Message, string, Payload)"/>
    public bool Reply(in Reply reply)
    {
        var (frame, isWhole) = EncodeReply(reply);
        SendReply(frame);
        return isWhole;
    }

    /// <summary>Encodes a reply, for a caller that has something to do before it is sent.</summary>
    /// <returns>The frame, and whether it has the response, or an error because the client cannot receive it.</returns>
    /// <inheritdoc cref="Reply(Message, string, Payload)" path="/exception"/>
    public (Frame Frame, bool IsWhole) EncodeReply(in Reply reply) =>
        CanReceive(reply.Response)
            ? (serializer.Encode(reply), true)
            : (serializer.Encode(reply with { Status = "error", Response = BinaryNeedsV2 }), false);

    /// <summary>Sends an encoded reply.</summary>
    public void SendReply(in Frame frame)
    {
        services.Metrics.MessagesOut(1);
        _replies.Spend(frame.Length);
        sharedReplies.Budget.Spend(frame.Length);
        transport.Send(frame, isReply: true);
    }

    /// <summary>Answers a push or join of a topic that no route matches, and a push to one that is not joined: the
    /// join_ref is null, whatever the client sent.</summary>
    public void ReplyUnmatched(Message message) => Reply(message with { JoinRef = Ref.Null }, "error", UnmatchedTopic);

    /// <summary>
    /// Answers a message to a topic that is not joined: leaving it is fine, everything else is an error.
    /// </summary>
    public void ReplyNotJoined(Message message)
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

    public Frame Encode(in Push push) => serializer.Encode(push);

    public void SendPush(in Frame push)
    {
        services.Metrics.MessagesOut(1);
        transport.Send(push);
    }

    /// <summary>Logs, once per socket, that something binary was withheld from the client.</summary>
    public void LogBinaryWithheld()
    {
        if (Interlocked.Exchange(ref _hasLoggedBinary, 1) == 0)
        {
            services.OnBinaryKept(socket);
        }
    }

    private bool CanReceive(Payload payload)
    {
        if (!payload.IsBinary || SupportsBinary)
        {
            return true;
        }

        LogBinaryWithheld();
        return false;
    }
}
