using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol.Testing;

/// <summary>
/// The server of one socket, without a web server: its clients connect in memory. What they send goes through the same
/// serializers, mailboxes and subscriptions as everything that arrives over a WebSocket.
/// </summary>
public sealed class PhoenixTest : IAsyncDisposable
{
    private readonly IServiceProvider _services;
    private readonly bool _ownsServices;
    private readonly TimeSpan _timeout;
    private readonly Func<IServiceProvider, PhoenixSocket> _createSocket;
    private readonly LoggedErrors _errors = new();

    // All clients ever, the listeners too: what one of them caused may still be going on when it has gone.
    private readonly ConcurrentQueue<ClientSocket> _clients = new();

    private PhoenixTest(
        IServiceProvider services,
        bool ownsServices,
        Func<IServiceProvider, PhoenixSocket> createSocket,
        TimeSpan? timeout)
    {
        (_services, _ownsServices, _createSocket) = (services, ownsServices, createSocket);
        _timeout = timeout ?? TimeSpan.FromSeconds(10);
        Server = services.GetService<SocketServices>() ?? throw new InvalidOperationException(
            "Phoenix channels are not registered: the application has to call builder.Services.AddPhoenix().");
        services.GetRequiredService<ILoggerFactory>().AddProvider(_errors);
    }

    /// <summary>The application's services.</summary>
    public IServiceProvider Services => _services;

    /// <summary>What the application broadcasts with from outside a channel.</summary>
    public PhoenixEndpoint Endpoint => _services.GetRequiredService<PhoenixEndpoint>();

    internal SocketServices Server { get; }

    private SocketRegistry Registry => _services.GetRequiredService<SocketRegistry>();

    /// <summary>Serves a socket with services of its own.</summary>
    /// <typeparam name="TSocket">The application's socket.</typeparam>
    /// <param name="configure">Registers the services that the socket and its channels ask for.</param>
    /// <param name="timeout">
    /// How long an expectation waits for what it expects (default 10 s). Only tests that fail wait so long.
    /// </param>
    public static PhoenixTest For<TSocket>(Action<IServiceCollection>? configure = null, TimeSpan? timeout = null)
        where TSocket : PhoenixSocket
    {
        var services = new ServiceCollection();
        services.AddLogging();
        configure?.Invoke(services);
        services.AddPhoenix(options => options.LogExceptionMessages = true);
        var provider = services.BuildServiceProvider(validateScopes: true);
        return new PhoenixTest(provider, ownsServices: true, Construction.Of<TSocket>(), timeout);
    }

    /// <summary>
    /// Serves a socket with an application's services, such as those of a <c>WebApplicationFactory</c>.
    /// </summary>
    /// <typeparam name="TSocket">The application's socket.</typeparam>
    /// <param name="services">The application's services. They are not disposed of.</param>
    /// <param name="timeout">How long an expectation waits for what it expects (default 10 s).</param>
    /// <exception cref="InvalidOperationException">The application does not call <c>AddPhoenix</c>.</exception>
    public static PhoenixTest For<TSocket>(IServiceProvider services, TimeSpan? timeout = null)
        where TSocket : PhoenixSocket => new(services, ownsServices: false, Construction.Of<TSocket>(), timeout);

    /// <summary>Connects a client, which the socket must let in.</summary>
    /// <param name="params">The params, an object; they become text, as in a query.</param>
    /// <param name="options">What else is known of the client.</param>
    /// <exception cref="PhoenixTestException">The client was refused.</exception>
    public async Task<ClientSocket> ConnectAsync(object? @params = null, ClientOptions? options = null)
    {
        var (client, refusal) = await TryConnectAsync(@params, options ?? new ClientOptions());
        return client ?? throw Failure($"Expected the client to be let in, but it was refused: {refusal}.");
    }

    /// <summary>Connects a client, which the socket must refuse.</summary>
    /// <param name="params">The params; see <see cref="ConnectAsync"/>.</param>
    /// <param name="options">What else is known of the client.</param>
    /// <returns>The HTTP status that the client is answered with.</returns>
    /// <exception cref="PhoenixTestException">The client was let in.</exception>
    public async Task<int> ExpectRefusedConnectAsync(object? @params = null, ClientOptions? options = null)
    {
        var (_, refusal) = await TryConnectAsync(@params, options ?? new ClientOptions());
        return refusal?.StatusCode ?? throw Failure("Expected the client to be refused, but it was let in.");
    }

    /// <summary>
    /// Completes when everything that the clients have sent so far has been handled, together with everything that
    /// followed: broadcasts that other channels intercept, presences that leave. Work that a handler does not await,
    /// such as a timer, is not part of it.
    /// </summary>
    /// <exception cref="PhoenixTestException">A handler does not end.</exception>
    public async Task SettleAsync()
    {
        // Two looks at all sockets that show the same, and nobody at work, are a moment at which nothing was going on.
        // One look is not: while it is on its way from socket to socket, work can move behind its back.
        int? before = null;
        while (true)
        {
            await WaitAsync(
                Task.WhenAll(_clients.Select(client => client.Session.WaitUntilHandledAsync())),
                "all handlers to have ended");
            _services.GetRequiredService<Presence>().AnnounceLeaves();
            (int Posted, bool IsIdle)[] progress = [.. _clients.Select(client => client.Session.Progress())];
            var posted = progress.Sum(socket => socket.Posted);
            var isIdle = progress.All(socket => socket.IsIdle);
            if (isIdle && posted == before)
            {
                return;
            }

            before = isIdle ? posted : null;
        }
    }

    /// <summary>
    /// Closes all clients, and disposes of the services unless they are an application's. Never throws: a test that has
    /// failed ends with its own failure.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.BeginClose();
        }

        await Task.WhenAll(_clients.Select(client => client.Ended)).WaitAsync(_timeout)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        if (_ownsServices)
        {
            await ((ServiceProvider)_services).DisposeAsync();
        }
    }

    /// <summary>A client that hears the broadcasts of a topic.</summary>
    internal async Task<ClientSocket> ListenAsync(string topic)
    {
        var (socket, scope) = await Server.Activation.CreateAsync(_ => new ListenerSocket());
        socket.Scope = scope;
        var serializer = Server.Negotiation.Negotiate("2.0.0")!; // a version that is always supported
        var connected = new Connected(
            socket, Id: null, ListenerSocket.Routes, serializer, Address: null, User: null);
        var listener = new ClientSocket(this, NewInbox(), connected, new ClientOptions(), onEnd: _ => { });
        _clients.Enqueue(listener);
        await listener.JoinAsync(topic, null, listener);
        return listener;
    }

    internal async Task WaitAsync(Task task, string expected)
    {
        try
        {
            await task.WaitAsync(_timeout);
        }
        catch (TimeoutException)
        {
            throw Failure($"Expected {expected} within {_timeout.TotalSeconds} s.");
        }
    }

    private async Task<(ClientSocket? Client, Refusal? Refusal)> TryConnectAsync(object? @params, ClientOptions options)
    {
        var (place, refusal) = Registry.Enter(options.Peer?.Address, ClientUser.Of(options.User));
        if (place is null)
        {
            return (null, refusal);
        }

        Connected? connected = null;
        try
        {
            var parameters = new QueryParams(@params);
            var connector = new SocketConnector(
                Server,
                Registry,
                _services.GetRequiredService<OriginRefusals>(),
                _createSocket,
                new PhoenixSocketOptions());
            (connected, refusal) = await connector.ConnectAsync(
                options.Nest(parameters), options.Describe(parameters), CancellationToken.None);
        }
        finally
        {
            if (connected is null)
            {
                place.Dispose();
            }
        }

        return connected is null ? (null, refusal) : (Admit(connected, place, options), null);
    }

    private ClientSocket Admit(Connected connected, Connecting place, ClientOptions options)
    {
        var client = new ClientSocket(this, NewInbox(), connected, options, onEnd: transport =>
        {
            Registry.Remove(transport);
            place.Place?.Dispose();
        });
        _clients.Enqueue(client);
        Registry.Add(client.Transport, place, connected.Id);
        return client;
    }

    private Inbox NewInbox() => new(_timeout, _errors);

    private PhoenixTestException Failure(string message) => new(message + _errors);
}
