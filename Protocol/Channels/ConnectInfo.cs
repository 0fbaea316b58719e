using System.Net;
using System.Security.Claims;

namespace Kaffediem.Protocol;

/// <summary>
/// The known facts about a client that connects (phoenix@167c469 <c>lib/phoenix/socket/transport.ex</c>, connect_info).
/// All of it but <see cref="Peer"/> and <see cref="User"/> is claimed by the client and may hold secrets: do not log
/// it.
/// </summary>
public sealed class ConnectInfo
{
    /// <summary><c>websocket</c> or <c>longpoll</c>.</summary>
    public required string Transport { get; init; }

    /// <summary>
    /// The client's address; <c>null</c> where there is no network address, for example with a Unix socket.
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
    /// The user that ASP.NET Core's authentication has found, if any. A cookie proves nothing unless the origin is
    /// checked too (<see cref="PhoenixSocketOptions.CheckOrigin"/>): browsers also send it from pages of other sites.
    /// </summary>
    public required ClaimsPrincipal User { get; init; }

    /// <summary>The <c>authToken</c> given to phoenix.js (1.8 and later), decoded; <c>null</c> without one.</summary>
    public string? AuthToken { get; init; }

    /// <summary>The <c>User-Agent</c> header.</summary>
    public string? UserAgent => Headers.GetValueOrDefault("User-Agent");
}
