using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.Protocol;

/// <summary>Serves phoenix.js clients.</summary>
public static class PhoenixEndpointExtensions
{
    /// <summary>
    /// Serves a socket at <paramref name="pattern"/>: a phoenix.js client that connects to it asks for
    /// <c>/websocket</c> or <c>/longpoll</c> below. Needs <see cref="PhoenixServiceExtensions.AddPhoenix"/>.
    /// </summary>
    /// <typeparam name="TSocket">The application's socket; every connection gets an instance of its own.</typeparam>
    /// <param name="endpoints">Where to.</param>
    /// <param name="pattern">
    /// The path, as <c>/socket</c>. Its parameters, as in <c>/shops/{shop}/socket</c>, are connect params.
    /// </param>
    /// <param name="configure">Changes how this socket is served.</param>
    public static IEndpointConventionBuilder MapPhoenixSocket<TSocket>(
        this IEndpointRouteBuilder endpoints, string pattern, Action<PhoenixSocketOptions>? configure = null)
        where TSocket : PhoenixSocket
    {
        var options = new PhoenixSocketOptions();
        configure?.Invoke(options);
        var provider = endpoints.ServiceProvider;
        var services = provider.GetRequiredService<SocketServices>();
        // Compiled for the first connection: a start does without System.Linq.Expressions, 30 ms and 3 MB.
        var factory = new Lazy<ObjectFactory<TSocket>>(() => ActivatorUtilities.CreateFactory<TSocket>([]));
        var connector = new SocketConnector(services, () => factory.Value(provider, []), options);

        var socket = endpoints.MapGroup(pattern.TrimEnd('/'));
        socket.Map("/websocket", new WebSocketHandler(services, connector).HandleAsync);
        if (options.LongPoll)
        {
            socket.Map("/longpoll", new LongPollHandler(services, connector).HandleAsync);
        }

        // An output cache would answer a poll with another one's answer: it does not look at Cache-Control.
        return socket.WithMetadata(new OutputCacheAttribute { NoStore = true });
    }
}
