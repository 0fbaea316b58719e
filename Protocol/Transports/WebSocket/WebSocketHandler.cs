using System.Text;
using Microsoft.AspNetCore.Http;

namespace Kaffediem.Protocol;

/// <summary>
/// One WebSocket request from the handshake to the last byte (docs/protocol.md, "Order of checks").
/// </summary>
internal sealed class WebSocketHandler(SocketServices services, SocketConnector connector, FlushLoop flushLoop)
{
    public const string TransportName = "websocket";

    public async Task HandleAsync(HttpContext context)
    {
        context.ExpectLongRequest();
        var (client, refusal) = connector.Registry.Enter(
            context.Connection.RemoteIpAddress, ClientUser.Of(context.User));
        if (client is not null)
        {
            refusal = await LetInAsync(context, client);
        }

        if (refusal is not null)
        {
            connector.OnRefused(context, refusal, TransportName);
            context.Response.StatusCode = refusal.StatusCode;
            var text = Encoding.UTF8.GetBytes(refusal.Text);
            context.Response.ContentType = text.Length > 0 ? "text/plain; charset=utf-8" : null;
            context.Response.ContentLength = text.Length;
            await context.Response.Body.WriteAsync(text, context.RequestAborted);
        }
    }

    private async Task<Refusal?> LetInAsync(HttpContext context, Connecting client)
    {
        Func<Task>? serve = null;
        try
        {
            (serve, var refusal) = await ConnectAsync(context, client);
            if (serve is null)
            {
                return refusal;
            }
        }
        finally
        {
            if (serve is null)
            {
                client.Dispose();
            }
        }

        if (ConnectionTakeover.Of(context) is { } takeover)
        {
            takeover.ServeAfterwards(serve);
        }
        else
        {
            await serve();
        }

        return null;
    }

    private async Task<(Func<Task>? Serve, Refusal? Refusal)> ConnectAsync(HttpContext context, Connecting client)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !WebSocketHandshake.IsExtendedConnect(context))
        {
            return (null, Refusal.Method);
        }

        if (connector.CheckOrigin(context.Request) is { } foreign)
        {
            return (null, foreign);
        }

        var (subprotocol, refusal) = Subprotocol.Read(
            context.Request.Headers.SecWebSocketProtocol, connector.Options.Subprotocols);
        if (subprotocol is not { } spoken)
        {
            return (null, refusal);
        }

        (var connected, refusal) = await connector.ConnectAsync(
            context, SocketConnector.ReadParams(context.Request), TransportName, spoken.AuthToken);
        if (connected is null)
        {
            return (null, refusal);
        }

        return await AcceptAsync(context, client, connected, spoken.Chosen);
    }

    private async Task<(Func<Task>? Serve, Refusal? Refusal)> AcceptAsync(
        HttpContext context, Connecting client, Connected connected, string? subprotocol)
    {
        WebSocketConnection? connection = null;
        try
        {
            if (WebSocketHandshake.FindFault(context) is { } fault)
            {
                return (null, Refusal.Handshake(fault));
            }

            connection = await WebSocketHandshake.AcceptAsync(context, subprotocol);
            var unfinished = services.Unfinished.Begin(context.Connection.RemoteIpAddress, ClientUser.Of(context.User));
            return (() => ServeAsync(connection, client, connected, unfinished), null);
        }
        finally
        {
            if (connection is null)
            {
                await connector.EndAsync(connected.Socket); // refused, or the client has gone in the meantime
            }
        }
    }

    private Task ServeAsync(
        WebSocketConnection connection, Connecting client, Connected connected, HeldInput unfinished)
    {
        var rate = new MessageRate(services.Options, services.Time);
        var transport = new WebSocketTransport(connection, flushLoop, services);
        connector.Registry.Add(transport, client, connected.Id);
        var receiver = new WebSocketReceiver(connection.Input, transport, rate, unfinished, services);
        var session = new SocketSession(connected, transport, rate, services);
        return ServeAsync(receiver, transport, session, client.Place, unfinished);
    }

    private async Task ServeAsync(
        WebSocketReceiver receiver,
        WebSocketTransport transport,
        SocketSession session,
        IDisposable? place,
        HeldInput unfinished)
    {
        services.Metrics.ConnectionOpened(TransportName, session.Serializer.Version);
        try
        {
            CloseReason? reason;

            // The channels end as soon as the server closes, before the last bytes have been sent.
            using (session)
            {
                transport.Session = session;
                if (transport.IsClosing)
                {
                    session.Dispose(); // the transport was closed before it had a session
                }

                reason = await receiver.ReceiveAllAsync(session);
            }

            await EndAsync(receiver, transport, reason);
        }
        finally
        {
            services.Metrics.ConnectionEnded(TransportName, session.Serializer.Version);
            connector.Registry.Remove(transport);
            place?.Dispose();
            unfinished.Dispose();
        }
    }

    private static async Task EndAsync(WebSocketReceiver receiver, WebSocketTransport transport, CloseReason? reason)
    {
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
}
