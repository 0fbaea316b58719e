using Kaffediem.Protocol;

namespace Kaffediem.Server.Http;

/// <summary>
/// Refuses a request whose host is malformed, with 400 (RFC 9110 §7.2). To ASP.NET Core reading such a host is an
/// exception, in whatever part of the server does so first: <c>xn--</c> for example, which RFC 3986 §3.2.2 allows, but
/// which is no name that IDNA knows.
/// </summary>
/// <param name="isBehindProxies">Whether the proxies' <c>X-Forwarded-Host</c> will be taken for the host.</param>
internal sealed class HostCheck(bool isBehindProxies)
{
    private const string ForwardedHost = "X-Forwarded-Host";

    // The last host that was in order, which is nearly always the next request's, too. Any thread may replace it.
    private volatile string _inOrder = "";

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Request.Headers;
        return !IsInOrder(headers.Host.ToString()) ? RefuseAsync(context, "Host")
            : isBehindProxies && !Array.TrueForAll(headers.GetCommaSeparatedValues(ForwardedHost), IsInOrder)
                ? RefuseAsync(context, ForwardedHost)
            : next(context);
    }

    // Without one, as HTTP/1.0 allows, addresses in answers have none either.
    private bool IsInOrder(string host)
    {
        if (host.Length == 0 || host == _inOrder)
        {
            return true;
        }

        var isInOrder = Origin.Of(Uri.UriSchemeHttp, host) is not null;
        if (isInOrder)
        {
            _inOrder = host;
        }

        return isInOrder;
    }

    private static Task RefuseAsync(HttpContext context, string header)
    {
        context.Response.Headers.CacheControl = "no-store";
        return ErrorResponses.WriteDetailAsync(
            context, StatusCodes.Status400BadRequest, $"The {header} header is malformed.");
    }
}
