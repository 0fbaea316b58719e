using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.Benchmarks.Peers;

/// <summary>The usual choice of a .NET developer: SignalR with its JSON protocol and one group per topic.</summary>
internal static class SignalRPeer
{
    private static long _seq;

    public static void AddSignalRPeer(this IServiceCollection services) =>
        // The load client would count pings as changes; the other servers send none either.
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
