using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
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
    /// <typeparam name="TSocket">
    /// The application's socket; every connection gets an instance of its own. The attributes of its class, such as
    /// <c>[Authorize]</c>, are metadata of the endpoint.
    /// </typeparam>
    /// <param name="endpoints">The application's endpoints.</param>
    /// <param name="pattern">
    /// The path, for example <c>/socket</c>. Its parameters, for example <c>shop</c> in <c>/shops/{shop}/socket</c>,
    /// are connect params.
    /// </param>
    /// <param name="configure">Changes how this socket is served.</param>
    /// <exception cref="ArgumentException">The socket or one of its channels could never serve a client.</exception>
    /// <exception cref="InvalidOperationException"><c>AddPhoenix</c> was not called.</exception>
    public static IEndpointConventionBuilder MapPhoenixSocket<
        [DynamicallyAccessedMembers(Construction.Members)] TSocket>(
        this IEndpointRouteBuilder endpoints, string pattern, Action<PhoenixSocketOptions>? configure = null)
        where TSocket : PhoenixSocket
    {
        var options = new PhoenixSocketOptions();
        configure?.Invoke(options);
        var provider = endpoints.ServiceProvider;
        var services = provider.GetService<SocketServices>() ?? throw new InvalidOperationException(
            "Phoenix channels are not registered: call builder.Services.AddPhoenix() before the application is built.");
        AuthorizationAttributes.RefuseOnMethods(typeof(TSocket));
        DeclareRoutes(typeof(TSocket));
        var connector = new SocketConnector(
            services,
            provider.GetRequiredService<SocketRegistry>(),
            provider.GetRequiredService<OriginRefusals>(),
            Construction.Of<TSocket>(),
            options);

        var socket = endpoints.MapGroup(pattern.TrimEnd('/'));
        socket.WithMetadata(typeof(TSocket).GetCustomAttributes(inherit: true));
        // Clients of a socket cannot show a login page, so they get the 401 or 403 itself.
        socket.DisableCookieRedirect();
        var webSocket = new WebSocketHandler(services, connector, provider.GetRequiredService<FlushLoop>());
        socket.Map("/websocket", webSocket.HandleAsync);
        if (options.LongPoll)
        {
            var longPoll = new LongPollHandler(services, connector, provider.GetRequiredService<UnprovenSessions>());
            socket.Map("/longpoll", longPoll.HandleAsync);
        }

        // An output cache does not look at Cache-Control, and would answer a poll with the answer to another one.
        return socket.WithMetadata(new OutputCacheAttribute { NoStore = true });
    }

    // Faulty routes in a static field fail here, when the application starts, and not when the first client connects.
    [UnconditionalSuppressMessage(
        "Trimming", "IL2059", Justification = "Without its static constructor there is no fault to find.")]
    private static void DeclareRoutes(Type socket)
    {
        try
        {
            RuntimeHelpers.RunClassConstructor(socket.TypeHandle);
        }
        catch (TypeInitializationException exception) when (exception.InnerException is { } fault)
        {
            ExceptionDispatchInfo.Throw(fault);
        }
    }
}
