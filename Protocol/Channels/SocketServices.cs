using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>The services that all sockets of the application share.</summary>
internal sealed record SocketServices(
    PhoenixOptions Options,
    SerializerNegotiation Negotiation,
    PubSub PubSub,
    PhoenixMetrics Metrics,
    ConnectionRefusals Refusals,
    UnfinishedInput Unfinished,
    ReplyBudgets Replies,
    TimeProvider Time,
    ILogger<PhoenixSocket> Logger,
    Activation Activation)
{
    private readonly LogThrottle _throttle = new(Time);

    /// <inheritdoc cref="SocketLog.MayLog"/>
    public bool MayLog(Exception failure) => SocketLog.MayLog(Logger, _throttle, failure);

    /// <summary>Logs that serving a connection failed.</summary>
    public void OnFailed(Exception failure)
    {
        if (MayLog(failure))
        {
            SocketLog.Failed(Logger, failure);
        }
    }

    /// <summary>Logs that something binary was withheld from a client that cannot receive it.</summary>
    /// <param name="socket">The name of its type.</param>
    public void OnBinaryKept(string socket)
    {
        if (_throttle.Allows(socket, out var leftOut))
        {
            SocketLog.BinaryWithheld(Logger, socket, leftOut);
        }
    }

    /// <summary>Counts and logs that a connection has ended. Called once for each.</summary>
    public void OnClosed(CloseReason reason)
    {
        Metrics.Closed(reason.Code, reason.Name);
        SocketLog.Closed(Logger, reason.Code, reason.Name);
    }
}
