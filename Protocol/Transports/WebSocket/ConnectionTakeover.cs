using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Kaffediem.Protocol;

/// <summary>
/// Lets a WebSocket outlive the request that opened it. Kestrel keeps an upgraded request whole for as long as it
/// lasts, with its headers, features and buffers, which is most of what an idle client costs. Here the request ends
/// when the 101 is on its way, and the socket goes on with the bare connection; see <c>UsePhoenix</c>.
/// </summary>
internal sealed class ConnectionTakeover(ConnectionContext connection) : IConnectionHeartbeatFeature
{
    private readonly IDuplexPipe _transport = connection.Transport;
    private readonly IConnectionHeartbeatFeature? _heartbeat = connection.Features.Get<IConnectionHeartbeatFeature>();
    private Action? _onHeartbeat;
    private Func<Task>? _serve;

    /// <summary>The connection middleware.</summary>
    public static ConnectionDelegate Around(ConnectionDelegate next) =>
        connection => new ConnectionTakeover(connection).RunAsync(next);

    /// <summary>
    /// The takeover of a request's connection; <c>null</c> where there is none or the connection's bytes are not the
    /// request's own: over HTTP/2, or where TLS ends in Kestrel, or another middleware changes them.
    /// </summary>
    public static ConnectionTakeover? Of(HttpContext context) =>
        context.Features.Get<IConnectionHeartbeatFeature>() is ConnectionTakeover takeover
        && HttpProtocol.IsHttp11(context.Request.Protocol)
        && context.Features.Get<IConnectionTransportFeature>()?.Transport == takeover._transport
            ? takeover
            : null;

    /// <summary>The connection on which a WebSocket is served after its request has ended.</summary>
    public WebSocketConnection Connection(Socket? plainSocket) =>
        new(_transport.Input, _transport.Output.AsStream(), plainSocket, connection.Abort);

    /// <summary>Says what is done when the request has ended.</summary>
    public void ServeAfterwards(Func<Task> serve) => _serve = serve;

    /// <summary>
    /// What Kestrel's HTTP layer looks at its timeouts with. It ends with that layer, which it would keep alive.
    /// </summary>
    public void OnHeartbeat(Action<object> action, object state)
    {
        _onHeartbeat += () => action(state);
        _heartbeat?.OnHeartbeat(static takeover => ((ConnectionTakeover)takeover)._onHeartbeat?.Invoke(), this);
    }

    private async Task RunAsync(ConnectionDelegate next)
    {
        connection.Features.Set<IConnectionHeartbeatFeature>(this);
        try
        {
            await next(connection);
        }
        finally
        {
            _onHeartbeat = null;
            var serve = _serve;
            _serve = null;
            await (serve?.Invoke() ?? Task.CompletedTask);
        }
    }
}
