using System.Net;
using System.Security.Claims;

namespace Kaffediem.Protocol;

/// <summary>
/// What is known of a client that connects (phoenix@167c469 <c>lib/phoenix/socket/transport.ex</c>, connect_info). All
/// of it but <see cref="Peer"/> is the client's own word, and it may hold secrets: do not log it.
/// </summary>
public sealed class ConnectInfo
{
    /// <summary><c>websocket</c> or <c>longpoll</c>.</summary>
    public required string Transport { get; init; }

    /// <summary>
    /// Where the request came from; <c>null</c> where there is no network address, as with a Unix socket.
    /// </summary>
    public IPEndPoint? Peer { get; init; }

    /// <summary>The address the client asked for, query included.</summary>
    public required Uri Uri { get; init; }

    /// <summary>
    /// The request's headers, by name in any case; several of one name are joined with a comma. The auth token is not
    /// among them.
    /// </summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>
    /// Who ASP.NET Core's authentication says it is; without that, nobody. A cookie proves nothing unless the origin is
    /// checked, too (<see cref="PhoenixSocketOptions.CheckOrigin"/>): browsers send it from foreign pages as well.
    /// </summary>
    public required ClaimsPrincipal User { get; init; }

    /// <summary>The <c>authToken</c> given to phoenix.js (1.8 and later), decoded; <c>null</c> without one.</summary>
    public string? AuthToken { get; init; }

    /// <summary>The <c>User-Agent</c> header.</summary>
    public string? UserAgent => Headers.GetValueOrDefault("User-Agent");
}
