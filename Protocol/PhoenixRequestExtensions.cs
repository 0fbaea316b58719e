using Microsoft.AspNetCore.Http;

namespace Kaffediem.Protocol;

/// <summary>Reads from a socket's request what authentication needs.</summary>
public static class PhoenixRequestExtensions
{
    /// <summary>
    /// The <c>authToken</c> given to phoenix.js (1.8 and later), for an authentication handler that looks for a bearer
    /// token in the <c>Authorization</c> header only, where no browser can put it. Over long-poll phoenix.js sends it
    /// with its polls, but not with what it posts.
    /// </summary>
    /// <param name="request">A request for a socket.</param>
    /// <returns>The token, decoded; <c>null</c> without one, or where it is malformed.</returns>
    public static string? GetPhoenixAuthToken(this HttpRequest request) =>
        Subprotocol.Read(request.Headers.SecWebSocketProtocol, []).Subprotocol?.AuthToken
        ?? (string?)request.Headers[SocketConnector.AuthTokenHeader];
}
