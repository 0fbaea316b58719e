namespace Kaffediem.Protocol;

/// <summary>
/// Every way a connection ends: the WebSocket close code (docs/protocol.md, "Close codes") and the name it is counted
/// under. phoenix.js reconnects after each of them; only after 1000 would it stay away for good, so 1000 is only sent
/// to answer the client's own close.
/// </summary>
internal sealed record CloseReason(int Code, string Name)
{
    /// <summary>The client closed, and this is the answer (as in Bandit).</summary>
    public static readonly CloseReason ClosedByClient = new(1000, "closed by client");

    /// <summary>The application disconnected the socket's id.</summary>
    public static readonly CloseReason Disconnected = new(1001, "disconnected");

    /// <summary>Nothing was heard for <see cref="PhoenixOptions.IdleTimeout"/>.</summary>
    public static readonly CloseReason Idle = new(1002, "idle");

    /// <summary>RFC 6455 was broken.</summary>
    public static readonly CloseReason ProtocolError = new(1002, "protocol error");

    /// <summary>The connection broke. Never sent: 1006 only stands for that (RFC 6455 §7.4.1).</summary>
    public static readonly CloseReason Gone = new(1006, "gone");

    /// <summary>A text message is not valid UTF-8.</summary>
    public static readonly CloseReason InvalidText = new(1007, "invalid text");

    /// <summary>A flood of empty continuations, which cost the sender nothing.</summary>
    public static readonly CloseReason EmptyFragments = new(1008, "empty fragments");

    /// <summary>Joins and leaves of one topic arrived faster than the topic could handle them.</summary>
    public static readonly CloseReason MailboxFull = new(1008, "mailbox full");

    /// <summary>The client sent more than <see cref="PhoenixOptions.MaxMessagesPerSecond"/>.</summary>
    public static readonly CloseReason TooManyMessages = new(1008, "too many messages");

    /// <summary>A message is longer than <see cref="PhoenixOptions.MaxMessageBytes"/>.</summary>
    public static readonly CloseReason MessageTooBig = new(1009, "message too big");

    /// <summary>The client sent something that is not a message of the protocol.</summary>
    public static readonly CloseReason InvalidMessage = new(1011, "invalid message");

    /// <summary>The server failed.</summary>
    public static readonly CloseReason Failed = new(1011, "failed");

    /// <summary>The server is going down.</summary>
    public static readonly CloseReason Draining = new(1012, "draining");

    /// <summary>
    /// The client reads too slowly: more than <see cref="PhoenixOptions.MaxOutboxBytes"/> would wait for it.
    /// </summary>
    public static readonly CloseReason OutboxFull = new(1013, "outbox full");

    /// <summary>
    /// Data waited for the client, and it read nothing for <see cref="PhoenixOptions.StallTimeout"/>.
    /// </summary>
    public static readonly CloseReason Stalled = new(1013, "stalled");

    /// <summary>
    /// A channel could not keep up with the broadcasts that it intercepts (<see cref="Channel.Intercepts"/>).
    /// </summary>
    public static readonly CloseReason HandleOutFull = new(1013, "handle_out full");

    /// <summary>
    /// Too much is held of messages whose end has not arrived (<see cref="PhoenixOptions.MaxUnfinishedBytes"/>).
    /// </summary>
    public static readonly CloseReason TooMuchUnfinished = new(1013, "too much unfinished");

    /// <summary>
    /// A long-poll session made room for a newer one before its client had polled
    /// (<see cref="PhoenixOptions.MaxUnprovenSessions"/>).
    /// </summary>
    public static readonly CloseReason Unproven = new(1013, "unproven");

    /// <summary>Whether data that still waits is dropped, because the client does not read it.</summary>
    public bool DropsQueued => Code == 1013;
}
