using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.Protocol;

/// <summary>
/// One client's connection: the class that an application derives from to decide which clients may connect and which
/// channels it serves. Every connection gets its own instance, created in its own service scope: the constructor may
/// ask for any service of the application, scoped ones included. One that is <see cref="IAsyncDisposable"/> or
/// <see cref="IDisposable"/> is disposed of when its connection has ended and its channels have been disposed of, or
/// when the client is not let in; the services of its scope follow.
/// </summary>
public abstract class PhoenixSocket
{
    /// <summary>
    /// The name under which <see cref="PhoenixEndpoint.Disconnect"/> finds the socket, such as <c>user:7</c>; several
    /// may share one. Read once, after <see cref="ConnectAsync"/>. <c>null</c>, the default, for a socket that has
    /// none.
    /// </summary>
    protected internal virtual string? Id => null;

    /// <summary>The application's values for the connection. Every channel begins with a copy of them.</summary>
    public Assigns Assigns { get; } = new();

    /// <summary>
    /// Which channel serves which topic; read once per connection. Keep it in a static field: faulty routes then fail
    /// in <c>MapPhoenixSocket</c>, not when the first client connects.
    /// </summary>
    protected internal abstract ChannelRoutes Channels { get; }

    /// <summary>The services that were created for this socket; disposed of after it.</summary>
    internal AsyncServiceScope Scope { get; set; }

    /// <summary>Decides whether the client may connect. Unless overridden, every client may.</summary>
    /// <param name="params">
    /// The query and the path's parameters, nested as Rails does: <c>user[name]=x</c> is <c>{"user": {"name":
    /// "x"}}</c>, <c>ids[]=1</c> is <c>{"ids": ["1"]}</c>. All values are strings, from an untrusted client.
    /// </param>
    /// <param name="connectInfo">What else is known about the client.</param>
    /// <param name="cancellationToken">Cancelled when the client is gone.</param>
    protected internal virtual Task<ConnectResult> ConnectAsync(
        JsonObject @params, ConnectInfo connectInfo, CancellationToken cancellationToken) =>
        Task.FromResult(ConnectResult.Ok());
}
