using Kaffediem.Protocol;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Pipeline;

/// <summary>
/// Refuses a request whose host is malformed, with 400 (RFC 9110 §7.2). Otherwise ASP.NET Core would throw in the part
/// of the server that first reads such a host, for example <c>xn--</c>, which RFC 3986 §3.2.2 allows but IDNA does not.
/// </summary>
/// <param name="isBehindProxies">Whether the proxies' <c>X-Forwarded-Host</c> will replace the host.</param>
internal sealed class HostCheck(bool isBehindProxies)
{
    private const string ForwardedHost = "X-Forwarded-Host";

    // The last valid hosts, which the next request nearly always has, too. Any thread may replace them.
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

    // HTTP/1.0 allows a request without a host; then addresses in answers have none either.
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
