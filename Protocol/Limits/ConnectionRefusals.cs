using System.Net;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>
/// Counts refused clients, and logs each at Debug. A lack of room is logged as a Warning, once a minute for each cause,
/// because the operator's own screens may be among the refused.
/// </summary>
internal sealed partial class ConnectionRefusals(
    PhoenixMetrics metrics, LogThrottle throttle, ILogger logger)
{
    public void Add(Refusal refusal, string transport, IPAddress? address)
    {
        metrics.Refused(refusal.Cause, transport);
        LogRefused(logger, transport, refusal.Cause);
        if (refusal.IsForLackOfRoom && throttle.Allows(refusal.Cause, out var leftOut))
        {
            LogNoRoom(logger, address, transport, refusal.Cause, leftOut);
        }
    }

    [LoggerMessage(LogLevel.Debug, "REFUSED a connection over {Transport}: {Cause}.")]
    private static partial void LogRefused(ILogger logger, string transport, string cause);

    [LoggerMessage(
        LogLevel.Warning,
        "REFUSED a connection from {Address} over {Transport}: {Cause}. "
            + "Refused since the last such line: {LeftOut} more.")]
    private static partial void LogNoRoom(
        ILogger logger, IPAddress? address, string transport, string cause, int leftOut);
}
