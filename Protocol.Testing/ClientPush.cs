namespace Kaffediem.Protocol.Testing;

/// <summary>A message that a client has sent, and whose reply can be expected.</summary>
public sealed class ClientPush
{
    private readonly ClientSocket _socket;
    private readonly string _topic;
    private readonly string? _joinRef;

    internal ClientPush(ClientSocket socket, string topic, string? joinRef, string @ref, string @event) =>
        (_socket, _topic, _joinRef, Ref, Event) = (socket, topic, joinRef, @ref, @event);

    internal string Ref { get; }

    internal string Event { get; }

    /// <summary>Waits for the reply.</summary>
    /// <param name="status">The status it must have: <c>ok</c>, <c>error</c>, or one of the application's own.</param>
    /// <param name="response">The response it must have, as JSON; <c>null</c> for any.</param>
    /// <returns>The response.</returns>
    /// <exception cref="PhoenixTestException">There is no reply, or another one.</exception>
    public async Task<Payload> ExpectReplyAsync(string status = "ok", object? response = null)
    {
        var expected = $"a reply to \"{Event}\" on {_topic}";
        var reply = await _socket.Inbox.TakeAsync(
            message => message.IsReply && message.Ref == Ref,
            message => message.IsEnd && message.Topic == _topic && (message.JoinRef ?? _joinRef) == _joinRef,
            expected);
        if (reply.Status != status || (response is not null && !Payloads.Equal(Payloads.Of(response), reply.Payload)))
        {
            var wanted = response is null ? "" : $" {Payloads.Describe(Payloads.Of(response))}";
            throw _socket.Inbox.Failure($"Expected {expected}: \"{status}\"{wanted}, but got {reply}.");
        }

        return reply.Payload;
    }

    /// <summary>Checks that no reply has come when everything sent so far is handled.</summary>
    /// <exception cref="PhoenixTestException">There is a reply.</exception>
    public async Task ExpectNoReplyAsync()
    {
        await _socket.Test.SettleAsync();
        _socket.Inbox.RequireNone(message => message.IsReply && message.Ref == Ref, $"reply to \"{Event}\"");
    }
}
