using Kaffediem.Protocol;
using Kaffediem.Server.Http;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Kaffediem.Server.Pipeline;

/// <summary>Restricts the API to allowed pages: CORS for the allowed origins, and no writes from others.</summary>
internal static class CrossOrigin
{
    private const string RequestedHeaders = "Access-Control-Request-Headers";

    private static readonly TimeSpan PreflightMaxAge = TimeSpan.FromDays(20);

    public static void AddCrossOrigin(this IServiceCollection services, CrossOriginOptions options)
    {
        services.AddSingleton(options);
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .SetIsOriginAllowed(options.Check.Lists)
            .AllowCredentials()
            .WithMethods("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
            // Whatever a preflight asks for is allowed, by name, since "*" means nothing with credentials (Fetch, "CORS
            // protocol and credentials"). Error trackers add headers of their own, such as "baggage" and "traceparent".
            .AllowAnyHeader()
            .WithExposedHeaders("ETag", "Idempotency-Replayed", "Location", "Retry-After")
            .SetPreflightMaxAge(PreflightMaxAge)));
    }

    /// <summary>
    /// Adds the CORS headers to every answer and refuses writes from foreign pages: a form posted across sites needs no
    /// preflight, and carries the cookie where it is <c>SameSite=None</c>.
    /// </summary>
    public static void UseCrossOrigin(this IApplicationBuilder app, CrossOriginOptions options)
    {
        if (app.ApplicationServices.GetRequiredService<IHostEnvironment>().IsDevelopment())
        {
            app.Use((context, next) => RefuseReboundPageAsync(context, next, options));
        }

        var refusals = app.ApplicationServices.GetRequiredService<OriginRefusals>();
        app.Use((context, next) => HasUnwritableHeaders(context.Request)
            ? ErrorResponses.WriteBadRequestAsync(
                context, RequestedHeaders, "must be the names of headers, separated by commas")
            : next(context));
        // Before CORS, which answers preflights itself, so that refused preflights are logged with their reason, too.
        app.Use((context, next) =>
        {
            if (!options.IsFromForeignPage(context.Request, IsWrite(context.Request)))
            {
                return next(context);
            }

            // A read is answered, but without the headers that would let the page see the answer.
            refusals.Log(context.Request, options.Check);
            return IsWrite(context.Request)
                ? ErrorResponses.WriteDetailAsync(
                    context, StatusCodes.Status403Forbidden, options.Check.DescribeRefusal(context.Request))
                : next(context);
        });
        app.Use(Cors(app.ApplicationServices));
    }

    // In Development writes may need no session. Elsewhere a page of another origin has no session.
    private static Task RefuseReboundPageAsync(HttpContext context, RequestDelegate next, CrossOriginOptions options) =>
        IsWrite(context.Request)
        && context.Request.Headers.Origin is [{ } origin]
        && LocalRequest.IsDirect(context)
        && !LocalRequest.HasLoopbackHost(context.Request)
        && !options.Check.Lists(origin)
            ? ErrorResponses.WriteDetailAsync(
                context,
                StatusCodes.Status403Forbidden,
                "In Development a page of this machine has to be opened as localhost, or its origin added to the "
                + "setting Cors:Origins.")
            : next(context);

    // Does what UseCors does, without the code that UseCors compiles at every start with a library of 2 MB.
    private static Func<RequestDelegate, RequestDelegate> Cors(IServiceProvider services) => next =>
    {
        var cors = new CorsMiddleware(
            next, services.GetRequiredService<ICorsService>(), services.GetRequiredService<ILoggerFactory>());
        var policies = services.GetRequiredService<ICorsPolicyProvider>();
        return context => cors.Invoke(context, policies);
    };

    // The answer repeats them, and Kestrel refuses to write other characters than these.
    private static bool HasUnwritableHeaders(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method)
        && request.Headers.AccessControlRequestHeaders.ToString().AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static bool IsWrite(HttpRequest request) =>
        !HttpMethods.IsGet(request.Method)
        && !HttpMethods.IsHead(request.Method)
        && !HttpMethods.IsOptions(request.Method);
}
