using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Kaffediem.Server.Http;

/// <summary>Which pages may use the API: CORS for the allowed origins, and no writes from any other.</summary>
internal static class CrossOrigin
{
    private static readonly TimeSpan PreflightMaxAge = TimeSpan.FromDays(20);

    public static void AddCrossOrigin(this IServiceCollection services, CrossOriginOptions options)
    {
        services.AddSingleton(options);
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            // A predicate rather than WithOrigins: only then is "Vary: Origin" sent for a single origin, too.
            .SetIsOriginAllowed(options.Origins.Contains)
            .AllowCredentials()
            .WithMethods("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
            .WithHeaders(
                "Authorization", "Content-Type", "Accept", "X-Requested-With",
                "If-Match", "If-None-Match", "Idempotency-Key", "Last-Event-ID")
            .WithExposedHeaders("ETag", "Idempotency-Replayed", "Location", "Retry-After")
            .SetPreflightMaxAge(PreflightMaxAge)));
    }

    /// <summary>
    /// Adds the CORS headers to every answer and refuses writes from foreign pages: a form posted across sites needs no
    /// preflight and carries the cookie where it is <c>SameSite=None</c>.
    /// </summary>
    public static void UseCrossOrigin(this IApplicationBuilder app, CrossOriginOptions options)
    {
        app.Use(Cors(app.ApplicationServices));
        app.Use((context, next) =>
        {
            if (IsForeignWrite(context.Request, options))
            {
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                return Task.CompletedTask;
            }

            return next(context);
        });
    }

    // What UseCors does, but for the code that it compiles at every start, with a library of 2 MB.
    private static Func<RequestDelegate, RequestDelegate> Cors(IServiceProvider services) => next =>
    {
        var cors = new CorsMiddleware(
            next, services.GetRequiredService<ICorsService>(), services.GetRequiredService<ILoggerFactory>());
        var policies = services.GetRequiredService<ICorsPolicyProvider>();
        return context => cors.Invoke(context, policies);
    };

    private static bool IsForeignWrite(HttpRequest request, CrossOriginOptions options) =>
        !HttpMethods.IsGet(request.Method)
        && !HttpMethods.IsHead(request.Method)
        && !HttpMethods.IsOptions(request.Method)
        && IsFromForeignPage(request, options);

    // Browsers name the origin of every write, "null" if it is nobody's. One that did not, of which privacy extensions
    // are capable, still says whether the page is of another site. What is no browser says neither.
    private static bool IsFromForeignPage(HttpRequest request, CrossOriginOptions options) =>
        request.Headers.Origin.Count == 0
            ? request.Headers["Sec-Fetch-Site"] == "cross-site"
            : request.Headers.Origin.Any(origin => !IsAllowed(request, origin, options));

    private static bool IsAllowed(HttpRequest request, string? origin, CrossOriginOptions options) =>
        options.Origins.Contains(origin) || origin == $"{request.Scheme}://{request.Host}";
}
