using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>
/// The log lines of both transports about a connection. They never contain its params, headers or token.
/// </summary>
internal static partial class SocketLog
{
    [LoggerMessage(LogLevel.Debug, "CONNECTED to {Socket} over {Transport}, vsn {Version}, in {Milliseconds} ms.")]
    public static partial void ClientConnected(
        ILogger logger, string socket, string transport, string version, double milliseconds);

    [LoggerMessage(LogLevel.Debug, "CLOSED a connection with {Code}: {Reason}.")]
    public static partial void Closed(ILogger logger, int code, string reason);

    [LoggerMessage(LogLevel.Debug, "A client sent a malformed message: {Fault}")]
    public static partial void InvalidMessage(ILogger logger, string fault);

    [LoggerMessage(
        LogLevel.Warning,
        "A client of {Socket} could not be sent a binary payload: it speaks V1 or long-poll. "
        + "Not logged since the last such line: {LeftOut}.")]
    public static partial void BinaryWithheld(ILogger logger, string socket, int leftOut);

    /// <summary>
    /// Whether a failure that a client may have caused can be logged now: each kind once a minute. Logs how many were
    /// left out since the last time, if any.
    /// </summary>
    public static bool MayLog(ILogger logger, LogThrottle throttle, Exception failure)
    {
        var isAllowed = throttle.Allows(failure, out var leftOut);
        if (leftOut > 0)
        {
            LogLeftOut(logger, leftOut);
        }

        return isAllowed;
    }

    [LoggerMessage(LogLevel.Error, "{Count} more failures like the next one were not logged.")]
    private static partial void LogLeftOut(ILogger logger, int count);

    [LoggerMessage(LogLevel.Error, "Serving a connection failed.")]
    public static partial void Failed(ILogger logger, Exception exception);
}
