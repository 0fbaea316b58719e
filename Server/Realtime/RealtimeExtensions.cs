using Kaffediem.Protocol;
using Kaffediem.Server.Background;
using Kaffediem.Server.Pipeline;

namespace Kaffediem.Server.Realtime;

/// <summary>Registers the channels, and the feeds that broadcast to them.</summary>
internal static class RealtimeExtensions
{
    private const string Path = "/socket";

    public static void AddRealtime(
        this IServiceCollection services, MenuOptions menu, PresenceOptions presence, IConfiguration phoenix)
    {
        services.AddSingleton(menu);
        services.AddSingleton(presence);
        services.AddPhoenix(phoenix.Bind);
        services.AddSingleton<CollectionSnapshots>();
        services.AddSingleton<RecentChanges>();
        services.AddSingleton<BroadcastLog>();
        services.AddSingleton<MenuFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<MenuFeed>());
        services.AddSingleton<ChangeFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<ChangeFeed>());
        services.AddPeriodicWork<ChangePruning>();
    }

    public static void MapRealtime(this WebApplication app, CrossOriginOptions crossOrigin)
    {
        app.MapPhoenixSocket<KaffediemSocket>(Path, socket => socket.CheckOrigin = crossOrigin.Check);
    }

    /// <summary>
    /// Whether a request is for the socket, which says itself which pages may use it and how it refuses.
    /// </summary>
    public static bool IsForSocket(HttpContext context) => context.Request.Path.StartsWithSegments(Path);
}
