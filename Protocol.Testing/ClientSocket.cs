using System.Globalization;

namespace Kaffediem.Protocol.Testing;

/// <summary>A connected client.</summary>
public sealed class ClientSocket
{
    // Guards the session's receiving side, which one read loop calls otherwise.
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ClientSerializer _serializer;
    private readonly InMemoryTransport _transport;
    private readonly Action<ITransport> _onEnd;
    private int _lastRef;

    internal ClientSocket(
        PhoenixTest test, Inbox inbox, Connected connected, ClientOptions options, Action<ITransport> onEnd)
    {
        (Test, Inbox, _onEnd) = (test, inbox, onEnd);
        _serializer = new ClientSerializer(options.Version);
        _transport = new InMemoryTransport(inbox, _serializer, supportsBinary: !options.IsLongPoll, onClose: End);
        var rate = new MessageRate(test.Server.Options, test.Server.Time);
        Session = new SocketSession(connected, _transport, rate, test.Server) { Ended = _ended };
    }

    internal PhoenixTest Test { get; }

    internal Inbox Inbox { get; }

    internal SocketSession Session { get; }

    internal ITransport Transport => _transport;

    internal Task Ended => _ended.Task;

    /// <summary>The application's socket behind this client.</summary>
    public PhoenixSocket Socket => Session.Socket;

    /// <summary>Joins a topic, which the channel must allow.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="payload">The join's payload; see <see cref="ClientChannel.Push"/>.</param>
    /// <exception cref="PhoenixTestException">The join was refused.</exception>
    public async Task<ClientChannel> JoinAsync(string topic, object? payload = null)
    {
        var listener = await Test.ListenAsync(topic);
        return await JoinAsync(topic, payload, listener);
    }

    /// <summary>Asks to join a topic, which must be refused.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="payload">The join's payload; see <see cref="ClientChannel.Push"/>.</param>
    /// <returns>The response of the refusal.</returns>
    /// <exception cref="PhoenixTestException">The client was admitted.</exception>
    public Task<Payload> ExpectRefusedJoinAsync(string topic, object? payload = null) =>
        SendJoin(topic, payload).ExpectReplyAsync("error");

    /// <summary>Waits until the server has closed the connection.</summary>
    /// <param name="code">The code it must close with; <c>null</c> for any.</param>
    /// <returns>The code.</returns>
    /// <exception cref="PhoenixTestException">It has not, or with another code.</exception>
    public async Task<int> ExpectCloseAsync(int? code = null)
    {
        var closedWith = await Inbox.TakeCloseCodeAsync();
        await EndAsync();
        return code is null || code == closedWith
            ? closedWith
            : throw Inbox.Failure($"Expected the connection to be closed with {code}.");
    }

    /// <summary>Closes the connection, and waits until its channels and its socket are disposed of.</summary>
    public Task CloseAsync()
    {
        BeginClose();
        return EndAsync();
    }

    internal void BeginClose() => _transport.Close(CloseReason.ClosedByClient);

    internal async Task<ClientChannel> JoinAsync(string topic, object? payload, ClientSocket listener)
    {
        var join = SendJoin(topic, payload);
        return new ClientChannel(this, listener, topic, join.Ref, await join.ExpectReplyAsync());
    }

    internal ClientPush Push(string? joinRef, string topic, string @event, object? payload)
    {
        lock (_lock)
        {
            var @ref = (++_lastRef).ToString(CultureInfo.InvariantCulture);
            var push = new ClientPush(this, topic, joinRef ?? @ref, @ref, @event);
            var message = new ClientMessage(joinRef ?? @ref, @ref, topic, @event, Payloads.Of(payload));
            Send(message);
            return push;
        }
    }

    // phoenix.js: a join's join_ref is its ref.
    private ClientPush SendJoin(string topic, object? payload) => Push(null, topic, Events.Join, payload);

    private void Send(ClientMessage message)
    {
        var isBinary = message.Payload.IsBinary;
        try
        {
            Session.Receive(isBinary ? _serializer.EncodeBinary(message) : _serializer.EncodeText(message), isBinary);
        }
        catch (InvalidMessageException)
        {
            _transport.Close(CloseReason.InvalidMessage);
        }
    }

    private void End(CloseReason reason)
    {
        Test.Server.OnClosed(reason);
        _onEnd(_transport);
        Session.Dispose();
    }

    private Task EndAsync() => Test.WaitAsync(_ended.Task, "the socket to be disposed of");
}
