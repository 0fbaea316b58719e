namespace Kaffediem.Protocol;

/// <summary>How a join ends: admitted or refused.</summary>
public sealed class JoinResult
{
    private JoinResult(bool isOk, Payload response, long position)
    {
        IsOk = isOk;
        Response = response;
        Position = position;
    }

    internal bool IsOk { get; }

    internal Payload Response { get; }

    internal long Position { get; }

    /// <summary>Admits the client; the reply is <c>{}</c>.</summary>
    public static JoinResult Ok() => Ok(Payload.Empty);

    /// <summary>Admits the client.</summary>
    /// <param name="response">The payload that the client's <c>receive("ok")</c> gets.</param>
    public static JoinResult Ok(Payload response) => Ok(response, 0);

    /// <summary>
    /// Admits the client with a snapshot: of the topic's broadcasts with a position, it gets those after
    /// <paramref name="position"/>, each exactly once, including those made while the snapshot was read.
    /// </summary>
    /// <param name="response">The payload that the client's <c>receive("ok")</c> gets.</param>
    /// <param name="position">Up to where in the topic's log the snapshot reaches.</param>
    public static JoinResult Ok(Payload response, long position) => new(true, response, position);

    /// <summary>Refuses the client. phoenix.js tries again, with growing pauses.</summary>
    /// <param name="response">The payload that the client's <c>receive("error")</c> gets.</param>
    public static JoinResult Error(Payload response) => new(false, response, 0);

    /// <summary>Refuses the client with <c>{"reason": reason}</c>.</summary>
    /// <param name="reason">The reason that the client gets.</param>
    public static JoinResult Error(string reason) => Error(Payload.Reason(reason));
}

/// <summary>How a channel answers a message from its client.</summary>
public sealed class PushResult
{
    private PushResult(string? status, Payload response, bool isStop, long position = 0)
    {
        Position = position;
        Status = status;
        Response = response;
        IsStop = isStop;
    }

    /// <summary>Does not answer. If the client waits for an answer, its push times out.</summary>
    public static PushResult NoReply { get; } = new(null, default, false);

    internal string? Status { get; }

    internal Payload Response { get; }

    internal bool IsStop { get; }

    internal long Position { get; }

    /// <summary>Answers <c>ok</c> with <c>{}</c>.</summary>
    public static PushResult Ok() => Ok(Payload.Empty);

    /// <summary>Answers <c>ok</c>.</summary>
    /// <param name="response">
    /// The payload that the client's <c>receive("ok")</c> gets: any JSON value, or bytes.
    /// </param>
    public static PushResult Ok(Payload response) => Reply("ok", response);

    /// <summary>
    /// Answers <c>ok</c> with a snapshot; see <see cref="Channel.HoldBroadcasts"/>. Of the topic's broadcasts that
    /// carry a position the client then gets those after <paramref name="position"/>.
    /// </summary>
    /// <param name="response">The payload that the client's <c>receive("ok")</c> gets.</param>
    /// <param name="position">Up to where in the topic's log the snapshot reaches.</param>
    public static PushResult Ok(Payload response, long position) => new("ok", response, false, position);

    /// <summary>Answers <c>error</c>.</summary>
    /// <param name="response">
    /// The payload that the client's <c>receive("error")</c> gets: any JSON value, or bytes.
    /// </param>
    public static PushResult Error(Payload response) => Reply("error", response);

    /// <summary>Answers with a status of the application's own.</summary>
    /// <param name="status">The status that the client's <c>receive(status)</c> waits for.</param>
    /// <param name="response">Any JSON value, or bytes.</param>
    public static PushResult Reply(string status, Payload response) => new(status, response, false);

    /// <summary>Ends the channel: the client gets <c>phx_close</c> and does not join again by itself.</summary>
    /// <param name="reply">The answer to the message, sent first; <c>null</c> for none.</param>
    public static PushResult Stop(PushResult? reply = null) => new(reply?.Status, reply?.Response ?? default, true);
}

/// <summary>Why a channel ends.</summary>
public enum TerminateReason
{
    /// <summary>The client left the topic.</summary>
    Left,

    /// <summary>The connection has ended, for whatever reason.</summary>
    Closed,

    /// <summary>The same socket joined the topic again.</summary>
    DuplicateJoin,

    /// <summary>The channel stopped itself.</summary>
    Stopped,

    /// <summary>
    /// A handler threw, or a broadcast was binary and the client does not support that. The client joins again.
    /// </summary>
    Crashed,
}
