using System.Diagnostics;
using System.Net;
using System.Text;
using Kaffediem.Benchmarks.Linux;

namespace Kaffediem.Benchmarks.Load;

/// <summary>Receives the messages of subscribers that have joined.</summary>
internal interface IMessages
{
    void OnMessage(Subscriber subscriber, ReadOnlySpan<byte> message, long now);
}

/// <summary>The state of a subscriber.</summary>
internal enum SubscriberState
{
    Connecting,
    Upgrading,
    Joining,
    Joined,
    Failed,
}

/// <summary>One WebSocket client: connects, upgrades, joins, and counts the messages that it receives.</summary>
internal sealed class Subscriber : IConnection
{
    private readonly EventLoop _loop;
    private readonly Dialect _dialect;
    private readonly LoadSocket _socket;
    private readonly MessageReader _reader = new();
    private readonly int _number;
    private readonly IPEndPoint _server;
    private int _answers;

    public Subscriber(EventLoop loop, Dialect dialect, IPEndPoint server, int index)
    {
        _loop = loop;
        _dialect = dialect;
        _server = server;
        StartedAt = Stopwatch.GetTimestamp();
        _socket = LoadSocket.Connect(server, index);
        _number = loop.Add(this, _socket, Epoll.Writable);
    }

    public SubscriberState State { get; private set; } = SubscriberState.Connecting;

    /// <summary>The reason for its failure; <c>null</c> while there is none.</summary>
    public string? Failure { get; private set; }

    /// <summary>The timestamp of <see cref="Stopwatch"/> at which it began to connect.</summary>
    public long StartedAt { get; }

    public long ConnectedAt { get; private set; }

    public long JoinedAt { get; private set; }

    /// <summary>Receives its messages; while it is <c>null</c>, they are discarded.</summary>
    public IMessages? Messages { get; set; }

    /// <summary>The number of messages received since it joined.</summary>
    public int Received { get; set; }

    /// <summary>The <c>seq</c> of the last change.</summary>
    public long LastSeq { get; set; }

    /// <summary>The number of bytes received, headers included.</summary>
    public long Bytes { get; private set; }

    public void Send(ReadOnlySpan<byte> frame)
    {
        if (!_socket.Send(frame))
        {
            Fail("the server ended the connection");
        }
    }

    public void OnReady()
    {
        switch (State)
        {
            case SubscriberState.Connecting: OnConnected(); break;
            case SubscriberState.Upgrading: OnUpgraded(); break;
            case SubscriberState.Joining or SubscriberState.Joined: Read(); break;
        }
    }

    private void OnConnected()
    {
        ConnectedAt = Stopwatch.GetTimestamp();
        State = SubscriberState.Upgrading;
        _loop.WaitFor(Epoll.Readable, _number, _socket);
        Send(Encoding.ASCII.GetBytes(
            $"GET {_dialect.Path} HTTP/1.1\r\nHost: {_server}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
    }

    // In no dialect does the server send anything after the upgrade response until the client has sent something.
    private void OnUpgraded()
    {
        var read = _socket.Receive(_loop.Buffer) ?? 0;
        var answer = _loop.Buffer.AsSpan(0, read);
        if (!answer.StartsWith("HTTP/1.1 101"u8) || !answer.EndsWith("\r\n\r\n"u8))
        {
            Fail($"no upgrade: {Encoding.UTF8.GetString(answer)}");
            return;
        }

        State = SubscriberState.Joining;
        Send(_dialect.Hello.Span);
    }

    private void Read()
    {
        Span<byte> buffer = _loop.Buffer;
        bool isFull;
        do
        {
            var kept = _reader.Restore(buffer);
            if (_socket.Receive(buffer[kept..]) is not { } read)
            {
                return;
            }

            if (read == 0)
            {
                Fail("the server ended the connection");
                return;
            }

            Bytes += read;
            isFull = kept + read == buffer.Length;
            ReadMessages(buffer[..(kept + read)]);
        }
        while (isFull);
    }

    private void ReadMessages(ReadOnlySpan<byte> data)
    {
        var now = Stopwatch.GetTimestamp();
        while (_reader.TryRead(ref data, out var payload))
        {
            if (_dialect.Terminator is { } terminator)
            {
                Split(payload, terminator, now);
            }
            else
            {
                OnMessage(payload, now);
            }
        }

        _reader.Keep(data);
    }

    // A message counts when its terminator arrives. Of one that spans two frames, the beginning is skipped.
    private void Split(ReadOnlySpan<byte> payload, byte terminator, long now)
    {
        for (int end; (end = payload.IndexOf(terminator)) >= 0; payload = payload[(end + 1)..])
        {
            OnMessage(payload[..end], now);
        }
    }

    private void OnMessage(ReadOnlySpan<byte> message, long now)
    {
        if (State == SubscriberState.Joined)
        {
            Messages?.OnMessage(this, message, now);
        }
        else if (++_answers == _dialect.Answers)
        {
            OnAnswered(message, now);
        }
    }

    private void OnAnswered(ReadOnlySpan<byte> message, long now)
    {
        if (message.IndexOf(_dialect.Expected.Span) < 0)
        {
            Fail($"refused: {Encoding.UTF8.GetString(message)}");
            return;
        }

        JoinedAt = now;
        State = SubscriberState.Joined;
    }

    private void Fail(string failure)
    {
        if (State != SubscriberState.Failed)
        {
            Failure = failure;
            State = SubscriberState.Failed;
            _loop.Remove(_socket);
        }
    }
}
