using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.Benchmarks.Peers;

/// <summary>What a .NET developer would take: SignalR, its JSON protocol, a group for each topic.</summary>
internal static class SignalRPeer
{
    private static long _seq;

    public static void AddSignalRPeer(this IServiceCollection services) =>
        // Its pings would be counted as changes, and its peers send none either.
        services.AddSignalR(options => options.KeepAliveInterval = TimeSpan.FromHours(1));

    public static void MapSignalRPeer(this WebApplication app)
    {
        app.MapHub<TopicHub>("/hub");
        app.MapPost("/{**any}", async (HttpContext context, IHubContext<TopicHub> hub) =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            var change = SampleOrder.Change(Interlocked.Increment(ref _seq));
            await hub.Clients.Group("collection:order").SendAsync(
                "change", JsonSerializer.Deserialize<JsonElement>(change));
            context.Response.StatusCode = StatusCodes.Status201Created;
            context.Response.ContentLength = change.Length;
            await context.Response.WriteAsync(change);
        });
    }
}

/// <summary>Lets clients subscribe to a topic.</summary>
internal sealed class TopicHub : Hub
{
    /// <summary>Called by clients.</summary>
    public Task Join(string topic) => Groups.AddToGroupAsync(Context.ConnectionId, topic);
}
