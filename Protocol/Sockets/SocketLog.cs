using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>What both transports log of a connection's life. Never its params, headers or token.</summary>
internal static partial class SocketLog
{
    [LoggerMessage(LogLevel.Debug, "CONNECTED to {Socket} over {Transport}, vsn {Version}, in {Milliseconds} ms.")]
    public static partial void Connected(ILogger logger, string socket, string transport, string version, double milliseconds);

    [LoggerMessage(LogLevel.Debug, "REFUSED a connection over {Transport}: {Cause}.")]
    public static partial void Refused(ILogger logger, string transport, string cause);

    [LoggerMessage(LogLevel.Debug, "CLOSED a connection with {Code}: {Reason}.")]
    public static partial void Closed(ILogger logger, int code, string reason);

    [LoggerMessage(LogLevel.Debug, "What a client sent is no message: {Fault}")]
    public static partial void InvalidMessage(ILogger logger, string fault);

    [LoggerMessage(LogLevel.Error, "Serving a connection failed.")]
    public static partial void Failed(ILogger logger, Exception exception);
}
