namespace Kaffediem.Protocol;

/// <summary>
/// A client's message that can be answered later, from any code: see <see cref="Channel.SocketRef"/>. Thread-safe.
/// </summary>
public sealed class SocketRef
{
    private readonly Channel _channel;
    private readonly Ref _ref;

    internal SocketRef(Channel channel, Ref @ref) => (_channel, _ref) = (channel, @ref);

    /// <summary>
    /// Answers the message. The client notices the first answer with a status that it waits for. Does nothing once the
    /// channel or the connection has ended.
    /// </summary>
    /// <param name="status">
    /// The status that the client's <c>receive(status)</c> waits for: <c>ok</c>, <c>error</c> or another.
    /// </param>
    /// <param name="response">
    /// Any JSON value, or bytes: see <see cref="Channel.SupportsBinary"/>. <c>{}</c> if omitted.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The response is binary, and the status, the topic or one of the client's refs takes more than 255 bytes.
    /// </exception>
    public void Reply(string status, Payload response = default) => _channel.Reply(_ref, status, response);
}
