using Kaffediem.Protocol;
using Kaffediem.Server.Background;
using Kaffediem.Server.Events;
using Kaffediem.Server.Pipeline;

namespace Kaffediem.Server.Realtime;

/// <summary>Everything that reaches the screens by itself.</summary>
internal static class RealtimeExtensions
{
    private const string Path = "/socket";
    private const string EventsPath = "/api/events";

    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    public static void AddRealtime(
        this IServiceCollection services, MenuOptions menu, PresenceOptions presence, IConfiguration phoenix)
    {
        services.AddSingleton(menu);
        services.AddSingleton(presence);
        services.AddPhoenix(phoenix.Bind);
        services.AddSingleton<CollectionSnapshots>();
        services.AddSingleton<RecentChanges>();
        services.AddSingleton<EventReads>();
        services.AddSingleton<EventApi>();
        services.AddSingleton<BroadcastLog>();
        services.AddSingleton<MenuFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<MenuFeed>());
        services.AddSingleton<ChangeFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<ChangeFeed>());
        services.AddPeriodicWork<ChangePruning>();
    }

    public static void MapRealtime(this WebApplication app, CrossOriginOptions crossOrigin)
    {
        var origins = crossOrigin.Check;
        var events = app.Services.GetRequiredService<EventApi>();
        app.MapPhoenixSocket<KaffediemSocket>(Path, socket => socket.CheckOrigin = origins);
        app.MapMethods(EventsPath, ReadMethods, context => events.HandleAsync(context, origins));
    }

    /// <summary>Whether a request is for a connection that lasts: some places are kept for signed-in users.</summary>
    public static bool TakesPlace(HttpContext context) =>
        IsForSocket(context) || context.Request.Path.StartsWithSegments(EventsPath);

    /// <summary>
    /// Whether a request is for the socket, which says itself which pages may use it and how it refuses.
    /// </summary>
    public static bool IsForSocket(HttpContext context) => context.Request.Path.StartsWithSegments(Path);
}
