using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>One WebSocket request from the handshake to the last byte (spec/protocol.md section 1, order of checks).</summary>
internal sealed partial class WebSocketHandler(SocketServices services, Func<PhoenixSocket> createSocket)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !WebSocketHandshake.IsExtendedConnect(context))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        // A list as version is no version (Phoenix 1.8.6).
        var query = context.Request.Query;
        if (query.ContainsKey("vsn[]") || SerializerNegotiation.Negotiate(query["vsn"]) is not { } serializer)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        if (WebSocketHandshake.FindFault(context) is { } fault)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync(fault, context.RequestAborted);
            return;
        }

        var socket = createSocket();
        var (stream, plainSocket) = await WebSocketHandshake.AcceptAsync(context);
        var transport = new WebSocketTransport(
            stream, plainSocket, context.Abort, services.FlushLoop, services.Options, services.Time);
        services.Registry.Add(transport);
        try
        {
            await ServeAsync(stream, transport, new SocketSession(socket, serializer, transport, services));
        }
        finally
        {
            services.Registry.Remove(transport);
        }
    }

    private async Task ServeAsync(Stream stream, WebSocketTransport transport, SocketSession session)
    {
        var receiver = new WebSocketReceiver(stream, transport, services.Options);
        CloseCode? code;
        using (session) // its channels end before the last bytes are out
        {
            code = await ReceiveAllAsync(receiver, session);
        }

        if (code is not { } closeCode)
        {
            transport.Abort();
        }
        else
        {
            transport.Close(closeCode);
            if (!receiver.HasClientClosed)
            {
                await Task.WhenAll(transport.EndSendingAsync(), receiver.LingerAsync());
            }
        }

        await transport.FinishAsync();
    }

    // The one place where rubbish from a client, or a fault of ours, becomes the end of its socket.
    private async Task<CloseCode?> ReceiveAllAsync(WebSocketReceiver receiver, SocketSession session)
    {
        try
        {
            return await receiver.ReceiveAllAsync(session.Receive);
        }
        catch (InvalidMessageException exception)
        {
            Log.InvalidMessage(services.Logger, exception.Message);
        }
        catch (Exception exception)
        {
            Log.Failed(services.Logger, exception);
        }

        return CloseCode.InternalError;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "Closing a socket: {Fault}")]
        public static partial void InvalidMessage(ILogger logger, string fault);

        [LoggerMessage(LogLevel.Error, "Serving a socket failed.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
