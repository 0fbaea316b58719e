using Kaffediem.Server.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Pipeline;

/// <summary>The middleware that every request passes first.</summary>
internal static class Edge
{
    private const string ExceptionHandler = "Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware";

    public static void AddEdge(this WebApplicationBuilder builder)
    {
        builder.AddProxies();
        builder.Services.AddSingleton<UnexpectedErrors>();
        // This logger would log every failed request. UnexpectedErrors logs them instead, once a minute.
        builder.Logging.AddFilter(ExceptionHandler, LogLevel.None);
    }

    public static void UseEdge(this WebApplication app)
    {
        app.Use(IncompleteRequests.MarkAsync);
        app.Use(SecurityHeaders.AddAsync);
        app.Use(app.Services.GetRequiredService<UnexpectedErrors>().CatchAsync);
        // Must come before anything that reads the host.
        var forwarded = app.Services.GetRequiredService<IOptions<ForwardedHeadersOptions>>().Value;
        app.Use(new HostCheck(forwarded.ForwardedHeaders.HasFlag(ForwardedHeaders.XForwardedHost)).InvokeAsync);
        app.UseProxies();
    }
}
