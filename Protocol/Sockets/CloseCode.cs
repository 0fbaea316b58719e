namespace Kaffediem.Protocol;

/// <summary>
/// Every code the server closes a socket with (spec/protocol.md section 5). phoenix.js reconnects after each of them;
/// only after 1000 it would stay away for ever, so 1000 is never sent but to answer the client's own close.
/// </summary>
internal enum CloseCode
{
    /// <summary>The client closed; this is the answer, as Bandit gives it.</summary>
    Normal = 1000,

    /// <summary>RFC 6455 was broken, or nothing was heard for the idle timeout.</summary>
    ProtocolError = 1002,

    /// <summary>A text message is no UTF-8.</summary>
    InvalidPayload = 1007,

    /// <summary>A flood: of empty continuations, or of pushes nobody had time for.</summary>
    PolicyViolation = 1008,

    /// <summary>A message is longer than <see cref="PhoenixOptions.MaxMessageBytes"/>.</summary>
    MessageTooBig = 1009,

    /// <summary>The client sent no message of the protocol, or the server failed.</summary>
    InternalError = 1011,

    /// <summary>The server is going down.</summary>
    ServiceRestart = 1012,

    /// <summary>The client reads too slowly: <see cref="PhoenixOptions.MaxOutboxBytes"/> waited for it.</summary>
    TooSlow = 1013,
}
