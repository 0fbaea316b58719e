using System.Net;
using System.Security.Claims;
using System.Text.Json.Nodes;

namespace Kaffediem.Protocol.Testing;

/// <summary>How a client connects, and what its request would have said about it.</summary>
public sealed class ClientOptions
{
    /// <summary>The version of the client's messages: 1 or 2 (default 2, as phoenix.js since 1.3).</summary>
    public int Version { get; init; } = 2;

    /// <summary>
    /// Whether the client is one that long-polls (default <c>false</c>: it has a WebSocket). Such a client is sent no
    /// binary payloads; nothing else is different.
    /// </summary>
    public bool IsLongPoll { get; init; }

    /// <summary>The signed-in user (default: nobody), as ASP.NET Core's authentication would have found it.</summary>
    public ClaimsPrincipal User { get; init; } = new(new ClaimsIdentity());

    /// <summary>The <c>authToken</c> of phoenix.js (default: none).</summary>
    public string? AuthToken { get; init; }

    /// <summary>The request's headers (default: none).</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The client's address (default: none).</summary>
    public IPEndPoint? Peer { get; init; }

    internal ConnectInfo Describe(QueryParams parameters)
    {
        var transport = IsLongPoll ? "longpoll" : "websocket";
        return new ConnectInfo
        {
            Transport = transport,
            Peer = Peer,
            Uri = new Uri($"http://localhost/socket/{transport}?{parameters}"),
            Headers = new Dictionary<string, string>(Headers, StringComparer.OrdinalIgnoreCase),
            User = User,
            AuthToken = AuthToken,
        };
    }

    internal JsonObject Nest(QueryParams parameters) => parameters.Nest($"{Version}.0.0");
}
