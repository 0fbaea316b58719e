using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>What all sockets of the application share.</summary>
internal sealed record SocketServices(
    PhoenixOptions Options,
    PubSub PubSub,
    FlushLoop FlushLoop,
    SocketRegistry Registry,
    PhoenixMetrics Metrics,
    TimeProvider Time,
    ILogger<PhoenixSocket> Logger,
    IServiceProvider Provider);
