using Kaffediem.Protocol;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Pipeline;

/// <summary>
/// Refuses a request whose host is malformed, with 400 (RFC 9110 §7.2). To ASP.NET Core reading such a host is an
/// exception, in whatever part of the server does so first: <c>xn--</c> for example, which RFC 3986 §3.2.2 allows, but
/// which is not a valid name to IDNA.
/// </summary>
/// <param name="isBehindProxies">Whether the proxies' <c>X-Forwarded-Host</c> will replace the host.</param>
internal sealed class HostCheck(bool isBehindProxies)
{
    private const string ForwardedHost = "X-Forwarded-Host";

    // The last valid ones, which are nearly always the next request's, too. Any thread may replace them.
    private string _host = "";
    private string _forwardedHost = "";

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Request.Headers;
        if (!IsInOrder(headers.Host.ToString(), ref _host))
        {
            return RefuseAsync(context, "Host");
        }

        return isBehindProxies && !AreForwardedInOrder(headers) ? RefuseAsync(context, ForwardedHost) : next(context);
    }

    private bool AreForwardedInOrder(IHeaderDictionary headers)
    {
        foreach (var host in headers.GetCommaSeparatedValues(ForwardedHost))
        {
            if (!IsInOrder(host, ref _forwardedHost))
            {
                return false;
            }
        }

        return true;
    }

    // Without one, as HTTP/1.0 allows, addresses in answers have none either.
    private static bool IsInOrder(string host, ref string known)
    {
        if (host.Length == 0 || host == Volatile.Read(ref known))
        {
            return true;
        }

        if (Origin.Of(Uri.UriSchemeHttp, host) is null)
        {
            return false;
        }

        Volatile.Write(ref known, host);
        return true;
    }

    private static Task RefuseAsync(HttpContext context, string header)
    {
        context.Response.Headers.CacheControl = "no-store";
        return ErrorResponses.WriteDetailAsync(
            context, StatusCodes.Status400BadRequest, $"The {header} header is malformed.");
    }
}
