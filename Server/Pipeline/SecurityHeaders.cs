namespace Kaffediem.Server.Pipeline;

/// <summary>
/// The headers that tell browsers what not to do with an answer: nothing that is served is a page to be framed or to
/// load anything, and nothing is of another type than it says. They are set just before an answer is sent, so that
/// every answer has them: refusals, 304 and what is left of one after an exception, too.
/// </summary>
/// <remarks>
/// There is no <c>Cross-Origin-Resource-Policy</c> but that of the images: a front end on another origin may ask
/// whether the server is there with a <c>no-cors</c> request, which it would stop.
/// </remarks>
internal static class SecurityHeaders
{
    // Nothing may be loaded, sent or framed. The last three do not follow default-src (CSP 3 §6.1.3).
    private const string Policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>The middleware.</summary>
    public static Task AddAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(Complete, context.Response);
        return next(context);
    }

    private static Task Complete(object state)
    {
        var response = (HttpResponse)state;
        // A WebSocket is not a document.
        if (response.StatusCode != StatusCodes.Status101SwitchingProtocols)
        {
            response.Headers.XContentTypeOptions = "nosniff";
            response.Headers.ContentSecurityPolicy = Policy;
            // For browsers that do not know frame-ancestors (RFC 7034).
            response.Headers.XFrameOptions = "DENY";
            // A request for what a page links to need not name the page.
            response.Headers["Referrer-Policy"] = "no-referrer";
        }

        return Task.CompletedTask;
    }
}
