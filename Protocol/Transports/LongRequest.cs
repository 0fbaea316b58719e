using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;

namespace Kaffediem.Protocol;

/// <summary>
/// Requests that take long: polls, WebSockets, streams. The host's middleware must not end or buffer them.
/// </summary>
public static class LongRequest
{
    /// <summary>
    /// The <c>Cache-Control</c> of their answers: proxies must neither keep them nor compress them, because compressors
    /// hold back what is shorter than their buffer (RFC 9111 §5.2.2.5, §5.2.2.6).
    /// </summary>
    public const string CacheControl = "no-store, no-transform";

    /// <summary>
    /// Exempts the request from the default policy of <c>UseRequestTimeouts</c>, which would end it with an empty
    /// answer, and makes response compression and response caching pass on every write.
    /// </summary>
    /// <param name="context">The request.</param>
    public static void ExpectLongRequest(this HttpContext context)
    {
        context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    /// <summary>
    /// Bounds what the kernel accepts of the connection's bytes before it sends them, where the system can: otherwise a
    /// slow client, which takes long to read megabytes in the kernel, would seem to read nothing.
    /// </summary>
    /// <param name="context">A request with a long answer.</param>
    public static void LimitUnsentBytes(this HttpContext context)
    {
        try
        {
            if (context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
            {
                UnsentBytes.Limit(socket);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The client has left: writing will fail, too.
        }
    }
}
