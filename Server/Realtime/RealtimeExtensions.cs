using Kaffediem.Protocol;

namespace Kaffediem.Server.Realtime;

/// <summary>Everything that reaches the screens by itself.</summary>
internal static class RealtimeExtensions
{
    public static void AddRealtime(this IServiceCollection services)
    {
        services.AddPhoenix();
        services.AddSingleton<CollectionSnapshots>();
        services.AddHostedService<ChangeFeed>();
    }

    public static void MapRealtime(this WebApplication app) => app.MapPhoenixSocket<KaffediemSocket>("/socket");
}
