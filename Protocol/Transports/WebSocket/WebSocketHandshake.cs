using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kaffediem.Protocol;

/// <summary>
/// The opening handshake (RFC 6455 §4.2; over HTTP/2 RFC 8441), done here to get at the bare stream and socket.
/// </summary>
internal static class WebSocketHandshake
{
    /// <summary>Finds out what is wrong with an upgrade request.</summary>
    /// <returns>The text of the 400 answer, or <c>null</c> when the request is good.</returns>
    public static string? FindFault(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers.SecWebSocketVersion != "13")
        {
            return "'sec-websocket-version' header must equal '13'";
        }

        if (IsExtendedConnect(context))
        {
            return null;
        }

        return !Names(headers.Connection, "upgrade") ? "'connection' header must contain 'upgrade'"
            : !Names(headers.Upgrade, "websocket") ? "'upgrade' header must contain 'websocket'"
            : !IsKey(headers.SecWebSocketKey) ? "'sec-websocket-key' header must be 16 bytes in base64"
            : !IsUpgradable(context) && OwnWebSocket(context) is null ? "the request cannot be upgraded"
            : null;
    }

    /// <summary>
    /// Whether this is HTTP/2's way of opening a WebSocket, which browsers use where TLS negotiated HTTP/2.
    /// </summary>
    public static bool IsExtendedConnect(HttpContext context) =>
        context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" };

    /// <summary>Answers 101 (HTTP/2: 200) and takes over what is under the request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="subprotocol">The subprotocol to echo, if any.</param>
    public static async Task<WebSocketConnection> AcceptAsync(HttpContext context, string? subprotocol)
    {
        var headers = context.Response.Headers;
        headers.SecWebSocketProtocol = subprotocol;
        if (IsExtendedConnect(context))
        {
            var extended = await context.Features.GetRequiredFeature<IHttpExtendedConnectFeature>().AcceptAsync();
            return WebSocketConnection.Of(extended, null, context.Abort);
        }

        if (!IsUpgradable(context))
        {
            return await AcceptOwnAsync(context, subprotocol);
        }

        headers.Connection = "Upgrade";
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = AcceptKey(context.Request.Headers.SecWebSocketKey!); // FindFault requires it
        var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        var plainSocket = PlainSocket(context);
        return ConnectionTakeover.Of(context) is { } takeover
            ? takeover.Connection(plainSocket)
            : WebSocketConnection.Of(stream, plainSocket, context.Abort);
    }

    private static bool IsUpgradable(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };

    // Servers that speak RFC 6455 themselves, such as TestServer, offer this feature instead of an upgrade.
    private static IHttpWebSocketFeature? OwnWebSocket(HttpContext context) =>
        context.Features.Get<IHttpWebSocketFeature>() is { IsWebSocketRequest: true } feature ? feature : null;

    private static async Task<WebSocketConnection> AcceptOwnAsync(HttpContext context, string? subprotocol)
    {
        // Not null: FindFault requires this feature where the request cannot be upgraded.
        var socket = await OwnWebSocket(context)!.AcceptAsync(new WebSocketAcceptContext { SubProtocol = subprotocol });
        context.Response.RegisterForDispose(socket);
        return WebSocketConnection.Of(new WebSocketStream(socket), null, socket.Abort);
    }

    private static Socket? PlainSocket(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
        {
            return null;
        }

        try
        {
            UnsentBytes.Limit(socket);
            if (context.Features.Get<ITlsHandshakeFeature>() is not null)
            {
                return null; // the bytes of the socket are not ours to write
            }

            socket.Blocking = false; // the flush thread must never wait for a client
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return null; // the client has gone: reading will fail
        }
    }

    // RFC 6455 §4.2.2: base64(SHA-1(key + GUID)). It proves understanding, not identity.
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 demands SHA-1; nothing secret rests on it.")]
    private static string AcceptKey(string key) => Convert.ToBase64String(
        SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));

    // RFC 6455 §4.2.1: a base64-encoded value that, when decoded, is 16 bytes in length.
    private static bool IsKey(string? key)
    {
        Span<byte> decoded = stackalloc byte[18];
        return key is { Length: 24 } && Convert.TryFromBase64String(key, decoded, out var length) && length == 16;
    }

    private static bool Names(string? header, string token) => header is not null &&
        header.Split(',', StringSplitOptions.TrimEntries).Contains(token, StringComparer.OrdinalIgnoreCase);
}
