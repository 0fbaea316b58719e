using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Kaffediem.Protocol;

/// <summary>The checks of both transports before a client is let in (docs/protocol.md, "Order of checks").</summary>
internal sealed class SocketConnector(
    SocketServices services,
    SocketRegistry registry,
    OriginRefusals originRefusals,
    Func<IServiceProvider, PhoenixSocket> createSocket,
    PhoenixSocketOptions options)
{
    public const string AuthTokenHeader = "X-Phoenix-AuthToken";

    public PhoenixSocketOptions Options => options;

    public SocketRegistry Registry => registry;

    /// <summary>
    /// Checks the page's origin, before anything else of the request; <c>null</c> when it may connect.
    /// </summary>
    public Refusal? CheckOrigin(HttpRequest request)
    {
        if (options.CheckOrigin.Allows(request))
        {
            return null;
        }

        originRefusals.Log(request, options.CheckOrigin);
        return Refusal.ForeignOrigin(options.CheckOrigin.DescribeRefusal(request));
    }

    /// <summary>Query and path parameters, nested. Those of the path win.</summary>
    public static JsonObject ReadParams(HttpRequest request)
    {
        var pairs = new List<(string, string)>();
        foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
        {
            pairs.Add((pair.DecodeName().ToString(), pair.DecodeValue().ToString()));
        }

        var parameters = ConnectParams.Nest(pairs);
        foreach (var (name, value) in request.RouteValues)
        {
            parameters[name] = value?.ToString();
        }

        return parameters;
    }

    /// <summary>Negotiates the version and asks the application.</summary>
    public Task<(Connected? Connected, Refusal? Refusal)> ConnectAsync(
        HttpContext context, JsonObject parameters, string transport, string? authToken) =>
        ConnectAsync(parameters, Describe(context, transport, authToken), context.RequestAborted);

    /// <summary>The same for a client without an HTTP request, for example in tests of an application.</summary>
    public async Task<(Connected? Connected, Refusal? Refusal)> ConnectAsync(
        JsonObject parameters, ConnectInfo info, CancellationToken cancellationToken)
    {
        if (services.Negotiation.Negotiate(parameters["vsn"]) is not { } serializer)
        {
            return (null, Refusal.Version);
        }

        var begun = services.Time.GetTimestamp();
        (var socket, var scope) = await services.Activation.CreateAsync(createSocket);
        socket.Scope = scope;
        var isLetIn = false;
        try
        {
            var routes = socket.Channels;
            var result = await socket.ConnectAsync(parameters, info, cancellationToken);
            if (result.RefusedWith is { } statusCode)
            {
                return (null, Refusal.ByApplication(statusCode));
            }

            var connected = new Connected(
                socket, socket.Id, routes, serializer, info.Peer?.Address, ClientUser.Of(info.User));
            isLetIn = true;
            var elapsed = services.Time.GetElapsedTime(begun).TotalMilliseconds;
            SocketLog.ClientConnected(
                services.Logger, socket.GetType().Name, info.Transport, serializer.Version, elapsed);
            return (connected, null);
        }
        finally
        {
            if (!isLetIn)
            {
                await EndAsync(socket); // refused, or the application has failed, or the client has gone
            }
        }
    }

    /// <summary>Disposes of a socket whose client is not served.</summary>
    public Task EndAsync(PhoenixSocket socket) => services.Activation.EndAsync(socket, socket.Scope);

    /// <summary>Counts and logs that a client was refused.</summary>
    public void OnRefused(HttpContext context, Refusal refusal, string transport) =>
        services.Refusals.Add(refusal, transport, context.Connection.RemoteIpAddress);

    private static ConnectInfo Describe(HttpContext context, string transport, string? authToken)
    {
        var (request, connection) = (context.Request, context.Connection);
        return new ConnectInfo
        {
            Transport = transport,
            Peer = connection.RemoteIpAddress is { } address ? new(address, connection.RemotePort) : null,
            Uri = new Uri(request.GetEncodedUrl()),
            Headers = ReadHeaders(request.Headers),
            User = context.User,
            AuthToken = authToken,
        };
    }

    private static Dictionary<string, string> ReadHeaders(IHeaderDictionary headers)
    {
        var read = headers.ToDictionary(
            header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        read.Remove(AuthTokenHeader);
        if (read.Remove(HeaderNames.SecWebSocketProtocol, out var offered)
            && Subprotocol.WithoutBearer(offered) is { Length: > 0 } rest)
        {
            read[HeaderNames.SecWebSocketProtocol] = rest;
        }

        return read;
    }
}
