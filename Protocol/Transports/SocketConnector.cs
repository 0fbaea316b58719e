using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Kaffediem.Protocol;

/// <summary>What both transports ask a client before it is let in (spec/protocol.md section 1, order of checks).</summary>
internal sealed class SocketConnector(
    SocketServices services, Func<PhoenixSocket> createSocket, PhoenixSocketOptions options)
{
    public const string AuthTokenHeader = "X-Phoenix-AuthToken";

    public PhoenixSocketOptions Options => options;

    /// <summary>Checks the page's origin, before anything else of the request; <c>null</c> when it may connect.</summary>
    public Refusal? CheckOrigin(HttpRequest request)
    {
        if (options.CheckOrigin.Allows(request))
        {
            return null;
        }

        services.OriginRefusals.Log(request, options.CheckOrigin);
        return Refusal.Origin(options.CheckOrigin.DescribeRefusal(request));
    }

    /// <summary>Query and path parameters, nested; the path's count more.</summary>
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
    public async Task<(Connected? Connected, Refusal? Refusal)> ConnectAsync(
        HttpContext context, JsonObject parameters, string transport, string? authToken)
    {
        if (services.Negotiation.Negotiate(parameters["vsn"]) is not { } serializer)
        {
            return (null, Refusal.Version);
        }

        var socket = createSocket();
        var info = Describe(context, transport, authToken);
        var begun = services.Time.GetTimestamp();
        var result = await socket.ConnectAsync(parameters, info, context.RequestAborted);
        if (result.RefusedWith is { } statusCode)
        {
            (socket as IDisposable)?.Dispose();
            return (null, Refusal.ByApplication(statusCode));
        }

        var elapsed = services.Time.GetElapsedTime(begun);
        SocketLog.Connected(
            services.Logger, socket.GetType().Name, transport, serializer.Version, elapsed.TotalMilliseconds);
        return (new Connected(socket, socket.Id, serializer), null);
    }

    /// <summary>Notes that a client was not let in.</summary>
    public void OnRefused(Refusal refusal, string transport)
    {
        services.Metrics.Refused(refusal, transport);
        SocketLog.Refused(services.Logger, transport, refusal.Cause);
    }

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
        var read = headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        read.Remove(AuthTokenHeader);
        if (read.Remove(HeaderNames.SecWebSocketProtocol, out var offered) && Subprotocol.WithoutBearer(offered) is { Length: > 0 } rest)
        {
            read[HeaderNames.SecWebSocketProtocol] = rest;
        }

        return read;
    }
}
