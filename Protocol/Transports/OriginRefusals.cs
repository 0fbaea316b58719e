using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>
/// Logs requests that were refused for their origin: each at Debug, and at Information once per minute and origin, so
/// that a setting that lacks a front end is noticed without a flood of lines. Clients can invent origins, so only a few
/// from each address, and 64 in all, are logged at Information in a minute. Thread-safe.
/// </summary>
public sealed partial class OriginRefusals
{
    private readonly LogThrottle _throttle;
    private readonly ILogger<OriginRefusals> _logger;

    internal OriginRefusals(TimeProvider time, ILogger<OriginRefusals> logger) =>
        (_throttle, _logger) = (new LogThrottle(time), logger);

    /// <summary>Logs that a request was refused, or that its page will not be allowed to read the answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="check">The check that does not allow it.</param>
    public void Log(HttpRequest request, OriginCheck check)
    {
        var reason = check.DescribeRefusal(request);
        var isAllowed = _throttle.Allows(reason, request.HttpContext.Connection.RemoteIpAddress, out var leftOut);
        if (leftOut > 0)
        {
            LogLeftOut(leftOut, reason);
        }

        var level = isAllowed ? LogLevel.Information : LogLevel.Debug;
        LogRefused(level, request.Method, request.Path.Value ?? "", reason);
    }

    [LoggerMessage("REFUSED {Method} {Path}: {Reason}")]
    private partial void LogRefused(LogLevel level, ClientText method, ClientText path, ClientText reason);

    [LoggerMessage(LogLevel.Information, "REFUSED {Count} more requests, which were not logged: {Reason}")]
    private partial void LogLeftOut(int count, ClientText reason);
}
