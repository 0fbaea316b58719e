using System.Net;

namespace Kaffediem.Server.Pipeline;

/// <summary>
/// Distinguishes, in Development, a browser on this machine from one elsewhere, and the server's own page from a
/// foreign one whose name was made to point at this machine (DNS rebinding), which the browser treats as the server's
/// own.
/// </summary>
internal static class LocalRequest
{
    // Prefixes of the headers that a proxy or tunnel on this machine adds, which connects from here on behalf of a
    // client elsewhere: RFC 7239, RFC 9110 §7.6.3, nginx, ASP.NET Core, Cloudflare, Akamai, Fastly and others.
    private static readonly string[] ForwardingHeaders =
    [
        "Forwarded", "X-Forwarded", "Via", "X-Original-", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP",
        "True-Client-IP", "CF-", "CDN-Loop", "Fastly-", "Fly-", "X-Envoy-", "X-ProxyUser-IP",
    ];

    /// <summary>Whether the client itself connected from this machine.</summary>
    public static bool IsDirect(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !context.Request.Headers.Keys.Any(IsForwarding);

    /// <summary>Whether the request's host is this machine, under a name that no foreign server can assign.</summary>
    // Names under localhost never leave the machine (RFC 6761 §6.3).
    public static bool HasLoopbackHost(HttpRequest request)
    {
        var host = request.Host.Host;
        return IPAddress.TryParse(host, out var address)
            ? IPAddress.IsLoopback(address)
            : host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsForwarding(string name) =>
        Array.Exists(ForwardingHeaders, header => name.StartsWith(header, StringComparison.OrdinalIgnoreCase));
}
