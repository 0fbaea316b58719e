using Kaffediem.Server.Pipeline;
using Kaffediem.Server.Realtime;

namespace Kaffediem.Server.Events;

/// <summary>Registers the event streams.</summary>
internal static class EventExtensions
{
    private const string Path = "/api/events";

    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    public static void AddEvents(this IServiceCollection services)
    {
        services.AddSingleton<EventReads>();
        services.AddSingleton<EventApi>();
    }

    public static void MapEvents(this WebApplication app, CrossOriginOptions crossOrigin)
    {
        var origins = crossOrigin.Check;
        var events = app.Services.GetRequiredService<EventApi>();
        app.MapMethods(Path, ReadMethods, context => events.HandleAsync(context, origins));
    }

    /// <summary>Whether a request is for a connection that lasts: some places are kept for signed-in users.</summary>
    public static bool TakesPlace(HttpContext context) =>
        RealtimeExtensions.IsForSocket(context) || context.Request.Path.StartsWithSegments(Path);
}
