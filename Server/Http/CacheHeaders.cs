using Microsoft.Net.Http.Headers;

namespace Kaffediem.Server.Http;

/// <summary>
/// The headers for caches. They are set just before an answer is sent, so that every answer of a resource has them:
/// also refusals, 304, answers to <c>HEAD</c>, and answers after an exception.
/// </summary>
internal static class CacheHeaders
{
    private const string DoNotStore = "no-store";

    public static void UseCacheHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(Complete, context.Response);
        return next(context);
    });

    private static Task Complete(object state)
    {
        var response = (HttpResponse)state;
        var headers = response.Headers;
        // Caches may keep a 404 or 405 by themselves (RFC 9110 §15.1), and must not keep a 416 for as long as the
        // image.
        if (headers.CacheControl.Count == 0 || response.StatusCode >= StatusCodes.Status400BadRequest)
        {
            headers.CacheControl = Refusing(headers.CacheControl.ToString());
        }

        // CORS headers depend on Origin, and are missing without one: a cache must not give such an answer to a page.
        if (!headers.GetCommaSeparatedValues(HeaderNames.Vary).Contains(HeaderNames.Origin))
        {
            headers.Append(HeaderNames.Vary, HeaderNames.Origin);
        }

        return Task.CompletedTask;
    }

    // The answer of a refused stream keeps its stricter rule.
    private static string Refusing(string cacheControl) =>
        cacheControl.Contains(DoNotStore, StringComparison.Ordinal) ? cacheControl : DoNotStore;
}
