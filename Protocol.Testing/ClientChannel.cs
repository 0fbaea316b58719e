namespace Kaffediem.Protocol.Testing;

/// <summary>A topic that a client has joined.</summary>
public sealed class ClientChannel
{
    private readonly ClientSocket _socket;
    private readonly ClientSocket _listener;
    private readonly string _joinRef;

    internal ClientChannel(
        ClientSocket socket, ClientSocket listener, string topic, string joinRef, Payload joinResponse) =>
        (_socket, _listener, Topic, _joinRef, JoinResponse) = (socket, listener, topic, joinRef, joinResponse);

    /// <summary>The topic.</summary>
    public string Topic { get; }

    /// <summary>What the join was answered with.</summary>
    public Payload JoinResponse { get; }

    /// <summary>Sends a message to the channel. Does not wait for anything.</summary>
    /// <param name="event">The event.</param>
    /// <param name="payload">
    /// The payload: a <see cref="Payload"/>, or anything that becomes JSON, such as an anonymous object. <c>{}</c> if
    /// omitted.
    /// </param>
    public ClientPush Push(string @event, object? payload = null) => _socket.Push(_joinRef, Topic, @event, payload);

    /// <summary>
    /// Waits for a message to this client that is not a reply: what its channel pushed, or a broadcast that reached it.
    /// </summary>
    /// <param name="event">The event.</param>
    /// <param name="payload">The payload it must have, as JSON; <c>null</c> for any.</param>
    /// <returns>The payload.</returns>
    /// <exception cref="PhoenixTestException">There is none, or the first one of the event has another
    /// payload.</exception>
    public Task<Payload> ExpectPushAsync(string @event, object? payload = null) =>
        ExpectAsync(_socket.Inbox, IsOurs, @event, payload, "push");

    /// <summary>
    /// Waits for a broadcast on the topic since the join, whether it reached this client or not.
    /// </summary>
    /// <inheritdoc cref="ExpectPushAsync"/>
    public Task<Payload> ExpectBroadcastAsync(string @event, object? payload = null) =>
        ExpectAsync(_listener.Inbox, IsBroadcast, @event, payload, "broadcast");

    /// <summary>Waits until the channel has stopped itself or has been replaced: <c>phx_close</c>.</summary>
    /// <exception cref="PhoenixTestException">It has not.</exception>
    public Task ExpectCloseAsync() => ExpectAsync(_socket.Inbox, IsOurs, Events.Close, null, "end");

    /// <summary>Waits until the channel has crashed: <c>phx_error</c>.</summary>
    /// <exception cref="PhoenixTestException">It has not.</exception>
    public Task ExpectErrorAsync() => ExpectAsync(_socket.Inbox, IsOurs, Events.Error, null, "end");

    /// <summary>
    /// Checks that this client has received nothing but replies, and what was expected, when everything sent so far is
    /// handled.
    /// </summary>
    /// <exception cref="PhoenixTestException">It has.</exception>
    public Task ExpectNothingAsync() => ExpectNoneAsync(_socket.Inbox, IsOurs, "push");

    /// <summary>Checks that this client has not received an event when everything sent so far is handled.</summary>
    /// <param name="event">The event.</param>
    /// <exception cref="PhoenixTestException">It has.</exception>
    public Task ExpectNoPushAsync(string @event) =>
        ExpectNoneAsync(_socket.Inbox, message => IsOurs(message) && message.Event == @event, "push");

    /// <summary>Checks that an event was not broadcast on the topic when everything sent so far is handled.</summary>
    /// <param name="event">The event.</param>
    /// <exception cref="PhoenixTestException">It was.</exception>
    public Task ExpectNoBroadcastAsync(string @event) =>
        ExpectNoneAsync(_listener.Inbox, message => IsBroadcast(message) && message.Event == @event, "broadcast");

    /// <summary>Leaves the topic, and waits until the channel has ended.</summary>
    /// <exception cref="PhoenixTestException">The leave was not answered as the protocol demands.</exception>
    public async Task LeaveAsync()
    {
        await Push(Events.Leave).ExpectReplyAsync();
        await ExpectCloseAsync();
        await _socket.Test.SettleAsync();
    }

    private static async Task<Payload> ExpectAsync(
        Inbox inbox, Predicate<ClientMessage> isOfKind, string @event, object? payload, string kind)
    {
        var message = await inbox.TakeAsync(
            message => isOfKind(message) && message.Event == @event,
            message => isOfKind(message) && message.IsEnd,
            $"the {kind} \"{@event}\"");
        if (payload is not null && !Payloads.Equal(Payloads.Of(payload), message.Payload))
        {
            throw inbox.Failure(
                $"Expected the {kind} \"{@event}\" with {Payloads.Describe(Payloads.Of(payload))}, but got {message}.");
        }

        return message.Payload;
    }

    private async Task ExpectNoneAsync(Inbox inbox, Predicate<ClientMessage> matches, string kind)
    {
        await _socket.Test.SettleAsync();
        inbox.RequireNone(matches, kind);
    }

    // In V1, and in broadcasts, there is no join_ref: the message is for whichever join is the current one.
    private bool IsOurs(ClientMessage message) =>
        message.Topic == Topic && !message.IsReply && (message.JoinRef is null || message.JoinRef == _joinRef);

    private bool IsBroadcast(ClientMessage message) => message.Topic == Topic && message.IsBroadcast;
}
