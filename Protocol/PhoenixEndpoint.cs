using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Claims;

namespace Kaffediem.Protocol;

/// <summary>Gives the application access to its topics from outside a channel.</summary>
public sealed class PhoenixEndpoint
{
    private readonly PubSub _pubSub;
    private readonly FlushLoop _flushLoop;
    private readonly SocketRegistry _registry;
    private readonly ConnectionRefusals _refusals;

    internal PhoenixEndpoint(
        PubSub pubSub, FlushLoop flushLoop, SocketRegistry registry, ConnectionRefusals refusals) =>
        (_pubSub, _flushLoop, _registry, _refusals) = (pubSub, flushLoop, registry, refusals);

    /// <summary>Sends an event to all subscribers of a topic. It only queues, and never waits for a client.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="event">The event.</param>
    /// <param name="payload">A JSON object, or bytes: see <see cref="Channel.SupportsBinary"/>.</param>
    /// <exception cref="ArgumentException">
    /// The payload is neither; or it is binary, and the event or the topic takes more than 255 bytes. No client gets
    /// it.
    /// </exception>
    public void Broadcast(string topic, string @event, Payload payload) =>
        _pubSub.Broadcast(new Broadcast(topic, @event, payload));

    /// <summary>
    /// As <see cref="Broadcast(string, string, Payload)"/>, but only to the clients of this node. There is one node
    /// today, so it is the same; with several it would reach no client of another.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="event">The event.</param>
    /// <param name="payload">A JSON object, or bytes: see <see cref="Channel.SupportsBinary"/>.</param>
    /// <exception cref="ArgumentException">As <see cref="Broadcast(string, string, Payload)"/>.</exception>
    public void LocalBroadcast(string topic, string @event, Payload payload) => Broadcast(topic, @event, payload);

    /// <summary>
    /// Sends an event that has a position in an ordered log. A channel whose join reply held a snapshot up to a
    /// position (<see cref="JoinResult.Ok(Payload, long)"/>) gets exactly the broadcasts after it, whichever came
    /// first. Broadcast the positions of one topic in ascending order.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="event">The event.</param>
    /// <param name="payload">A JSON object.</param>
    /// <param name="position">Greater than that of every earlier broadcast of the topic; 1 or more.</param>
    /// <exception cref="ArgumentException">The payload is not an object.</exception>
    public void Broadcast(string topic, string @event, Payload payload, long position) =>
        _pubSub.Broadcast(new Broadcast(topic, @event, payload), position);

    /// <summary>
    /// As <see cref="Broadcast(string, string, Payload, long)"/>, but every group of clients
    /// (<see cref="Channel.Group"/>) gets its own payload. Groups for which the same payload is returned share its
    /// encoding.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="event">The event.</param>
    /// <param name="position">Greater than that of every earlier broadcast of the topic; 1 or more.</param>
    /// <param name="payloadOf">
    /// Called once for each group that has clients, with the group (<c>null</c> for clients without one). Returns a
    /// JSON object, or <c>null</c> for nothing. Joins and leaves of the topic wait for it: it must be quick, and must
    /// not broadcast.
    /// </param>
    /// <exception cref="ArgumentException">A payload is not an object. No client gets anything.</exception>
    public void BroadcastPerGroup(string topic, string @event, long position, Func<object?, Payload?> payloadOf) =>
        BroadcastAll(topic, @event, [new GroupedPayload(position, payloadOf)]);

    /// <summary>
    /// As <see cref="BroadcastPerGroup"/>, for several positions at once: the
    /// same events in the same order, but each client's connection gets them as one piece. For publishing from a log.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="event">The event.</param>
    /// <param name="payloads">In ascending order of their positions.</param>
    /// <exception cref="ArgumentException">A payload is not an object. No client gets anything.</exception>
    public void BroadcastAll(string topic, string @event, IReadOnlyList<GroupedPayload> payloads) =>
        _pubSub.BroadcastAll(topic, @event, payloads);

    /// <summary>
    /// How many channels on this node are subscribed to a topic now, those whose join is still being answered included.
    /// Joins and leaves change it at any moment, so it is for logs and displays, not for decisions.
    /// </summary>
    /// <param name="topic">The topic.</param>
    public int SubscriberCount(string topic) => _pubSub.SubscriberCount(topic);

    /// <summary>
    /// Closes all sockets whose <see cref="PhoenixSocket.Id"/> this is, with 1001: phoenix.js connects again, so their
    /// <see cref="PhoenixSocket.ConnectAsync"/> decides again. Phoenix does this when "disconnect" is broadcast to the
    /// id.
    /// </summary>
    /// <param name="socketId">The id.</param>
    public void Disconnect(string socketId) => _registry.Disconnect(socketId);

    /// <summary>
    /// Completes when all broadcasts so far have been offered to every client's connection. Code that broadcasts faster
    /// than the network sends, for example from a log, awaits this now and then. Otherwise it fills the outboxes of
    /// healthy clients, and they are cut off as too slow.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task FlushAsync(CancellationToken cancellationToken) => _flushLoop.FlushAsync().WaitAsync(cancellationToken);

    /// <summary>
    /// Takes a place among the connections for a long-lived one of another kind, such as a stream of server-sent
    /// events: it counts against <see cref="PhoenixOptions.MaxConnections"/> and
    /// <see cref="PhoenixOptions.MaxConnectionsPerAddress"/> together with the sockets. Ask before anything else is
    /// done for the client, as sockets do. When the server stops, the application has to end it.
    /// </summary>
    /// <param name="address">The client's address; <c>null</c> where there is no network address.</param>
    /// <param name="user">
    /// The user that ASP.NET Core's authentication has found: some places are kept for signed-in users
    /// (<see cref="PhoenixOptions.KeptForUsersPercent"/>).
    /// </param>
    /// <param name="transport">What refusals are counted under; one of a few names, not a client's text.</param>
    /// <param name="place">The place. Disposing of it gives it back.</param>
    /// <param name="refusedWith">
    /// The HTTP status to refuse it with: 503 when there are too many or the server is going down, 429 when there are
    /// too many from its address.
    /// </param>
    public bool TryEnter(
        IPAddress? address,
        ClaimsPrincipal user,
        string transport,
        [NotNullWhen(true)] out IDisposable? place,
        out int refusedWith)
    {
        (place, var refusal) = _registry.TakePlace(address, ClientUser.Of(user));
        refusedWith = refusal?.StatusCode ?? 0;
        if (refusal is not null)
        {
            _refusals.Add(refusal, transport, address);
        }

        return place is not null;
    }
}
