using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>What all sockets of the application share.</summary>
internal sealed record SocketServices(
    PhoenixOptions Options,
    SerializerNegotiation Negotiation,
    PubSub PubSub,
    FlushLoop FlushLoop,
    SocketRegistry Registry,
    PhoenixMetrics Metrics,
    ConnectionRefusals Refusals,
    UnfinishedInput Unfinished,
    OriginRefusals OriginRefusals,
    TimeProvider Time,
    ILogger<PhoenixSocket> Logger,
    Activation Activation)
{
    /// <summary>Notes that a connection has ended, once for each.</summary>
    public void OnClosed(CloseReason reason)
    {
        Metrics.Closed(reason);
        SocketLog.Closed(Logger, reason.Code, reason.Name);
    }
}
