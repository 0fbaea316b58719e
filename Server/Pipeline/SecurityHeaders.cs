namespace Kaffediem.Server.Pipeline;

/// <summary>
/// The headers that restrict browsers: no answer may be framed, load anything, or be treated as another type than it
/// states. They are set just before an answer is sent, so that every answer has them: also refusals, 304, and answers
/// after an exception.
/// </summary>
/// <remarks>
/// Only images have a <c>Cross-Origin-Resource-Policy</c>. It would block <c>no-cors</c> requests, with which a front
/// end on another origin may check that the server is there.
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
            // Requests for links on a page need not name the page.
            response.Headers["Referrer-Policy"] = "no-referrer";
        }

        return Task.CompletedTask;
    }
}
