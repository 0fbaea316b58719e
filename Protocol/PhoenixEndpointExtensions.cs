using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.Protocol;

/// <summary>Serves phoenix.js clients.</summary>
public static class PhoenixEndpointExtensions
{
    /// <summary>
    /// Serves a socket at <paramref name="pattern"/>: a phoenix.js client that connects to it asks for
    /// <c>/websocket</c> below. Needs <see cref="PhoenixServiceExtensions.AddPhoenix"/>.
    /// </summary>
    /// <typeparam name="TSocket">The application's socket; every connection gets an instance of its own.</typeparam>
    /// <param name="endpoints">Where to.</param>
    /// <param name="pattern">The path, as <c>/socket</c>.</param>
    public static IEndpointConventionBuilder MapPhoenixSocket<TSocket>(
        this IEndpointRouteBuilder endpoints, string pattern)
        where TSocket : PhoenixSocket
    {
        var provider = endpoints.ServiceProvider;
        var factory = ActivatorUtilities.CreateFactory<TSocket>([]);
        var handler = new WebSocketHandler(
            provider.GetRequiredService<SocketServices>(), () => factory(provider, []));
        return endpoints.Map(pattern.TrimEnd('/') + "/websocket", handler.HandleAsync);
    }
}
