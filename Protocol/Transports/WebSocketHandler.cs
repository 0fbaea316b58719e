using Microsoft.AspNetCore.Http;

namespace Kaffediem.Protocol;

/// <summary>One WebSocket request from the handshake to the last byte (spec/protocol.md section 1, order of checks).</summary>
internal sealed class WebSocketHandler(SocketServices services, SocketConnector connector)
{
    public const string TransportName = "websocket";

    public async Task HandleAsync(HttpContext context)
    {
        var (place, refusal) = services.Registry.Enter(context.Connection.RemoteIpAddress);
        using (place)
        {
            refusal ??= await ConnectAndServeAsync(context);
        }

        if (refusal is not null)
        {
            connector.OnRefused(refusal, TransportName);
            context.Response.StatusCode = refusal.StatusCode;
            context.Response.ContentLength = refusal.Text.Length; // it is ASCII
            await context.Response.WriteAsync(refusal.Text, context.RequestAborted);
        }
    }

    private async Task<Refusal?> ConnectAndServeAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !WebSocketHandshake.IsExtendedConnect(context))
        {
            return Refusal.Method;
        }

        if (!connector.AllowsOrigin(context.Request))
        {
            return Refusal.Origin;
        }

        var (subprotocol, refusal) = Subprotocol.Read(
            context.Request.Headers.SecWebSocketProtocol, connector.Options.Subprotocols);
        if (subprotocol is not { } spoken)
        {
            return refusal;
        }

        (var connected, refusal) = await connector.ConnectAsync(
            context, SocketConnector.ReadParams(context.Request), TransportName, spoken.AuthToken);
        if (connected is null)
        {
            return refusal;
        }

        if (WebSocketHandshake.FindFault(context) is { } fault)
        {
            return Refusal.Handshake(fault);
        }

        var (stream, plainSocket) = await WebSocketHandshake.AcceptAsync(context, spoken.Chosen);
        var transport = new WebSocketTransport(stream, plainSocket, context.Abort, services);
        services.Registry.Add(transport, connected.Id);
        services.Metrics.Connected(TransportName, connected.Serializer);
        try
        {
            await ServeAsync(stream, transport, connected);
        }
        finally
        {
            services.Metrics.Disconnected(TransportName, connected.Serializer);
            services.Registry.Remove(transport);
        }

        return null;
    }

    private async Task ServeAsync(Stream stream, WebSocketTransport transport, Connected connected)
    {
        var rate = new MessageRate(services.Options, services.Time);
        var receiver = new WebSocketReceiver(stream, transport, rate, services.Options);
        CloseReason? reason;

        // Its channels end as soon as the server closes, and before the last bytes are out.
        using (var session = new SocketSession(connected, transport, rate, services))
        {
            transport.OnClosing = session.Dispose;
            if (transport.IsClosing)
            {
                session.Dispose(); // it was closed before it could be told
            }

            reason = await ReceiveAllAsync(receiver, session);
        }

        if (reason is null)
        {
            transport.Abort();
        }
        else
        {
            transport.Close(reason);
            if (!receiver.HasClientClosed)
            {
                await Task.WhenAll(transport.EndSendingAsync(), receiver.LingerAsync());
            }
        }

        await transport.FinishAsync();
    }

    // The one place where rubbish from a client, or a fault of ours, becomes the end of its socket.
    private async Task<CloseReason?> ReceiveAllAsync(WebSocketReceiver receiver, SocketSession session)
    {
        try
        {
            return await receiver.ReceiveAllAsync(session.Receive);
        }
        catch (InvalidMessageException exception)
        {
            SocketLog.InvalidMessage(services.Logger, exception.Message);
            return CloseReason.InvalidMessage;
        }
        catch (Exception exception)
        {
            SocketLog.Failed(services.Logger, exception);
            return CloseReason.Failed;
        }
    }
}
