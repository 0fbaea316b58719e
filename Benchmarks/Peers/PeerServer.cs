using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Benchmarks.Peers;

/// <summary>
/// The servers that Kaffediem is compared with: small ones on the same Kestrel, each in a process of its own.
/// </summary>
internal static class PeerServer
{
    // The same as Kaffediem's: a thousand clients can connect at once.
    private const int Backlog = 8192;

    public static async Task<int> RunAsync(string kind)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.UseSockets(sockets => sockets.Backlog = Backlog);
        await using var app = Build(builder, kind);
        await app.StartAsync();
        Console.WriteLine($"listening on {app.Urls.Single()}");
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static WebApplication Build(WebApplicationBuilder builder, string kind)
    {
        builder.Services.AddSignalRPeer();
        var app = builder.Build();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        switch (kind)
        {
            case "frame": Broadcaster.Frame().Map(app); break;
            case "coalesce": Broadcaster.Coalesce().Map(app); break;
            case "flush": Broadcaster.Flush().Map(app); break;
            case "echo": new EchoPeer().Map(app); break;
            case "signalr": app.MapSignalRPeer(); break;
            default: throw new ArgumentException($"There is no peer \"{kind}\".");
        }

        return app;
    }
}
