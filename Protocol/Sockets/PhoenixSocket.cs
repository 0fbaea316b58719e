using System.Text.Json.Nodes;

namespace Kaffediem.Protocol;

/// <summary>
/// One client's connection: what an application derives to say who may connect and which channels it serves. Every
/// connection gets an instance of its own; its constructor's parameters are singletons of the application. One that is
/// <see cref="IDisposable"/> is disposed of when its connection ends.
/// </summary>
public abstract class PhoenixSocket
{
    /// <summary>
    /// The name under which <see cref="PhoenixEndpoint.Disconnect"/> finds the socket, such as <c>user:7</c>; several may
    /// share one. Read once, after <see cref="ConnectAsync"/>. <c>null</c>, the default, for a socket that has none.
    /// </summary>
    protected internal virtual string? Id => null;

    /// <summary>What the application remembers about the connection. Every channel begins with a copy of it.</summary>
    public Assigns Assigns { get; } = new();

    /// <summary>Which channel serves which topic; the same object for all instances, made once.</summary>
    protected internal abstract ChannelRoutes Channels { get; }

    /// <summary>Decides whether the client may connect. Unless overridden, everyone may.</summary>
    /// <param name="params">
    /// The query and the path's parameters, nested as Rails does: <c>user[name]=x</c> is <c>{"user": {"name": "x"}}</c>,
    /// <c>ids[]=1</c> is <c>{"ids": ["1"]}</c>. All values are strings, from an untrusted client.
    /// </param>
    /// <param name="connectInfo">What else is known of the client.</param>
    /// <param name="cancellationToken">Cancelled when the client is gone.</param>
    protected internal virtual Task<ConnectResult> ConnectAsync(
        JsonObject @params, ConnectInfo connectInfo, CancellationToken cancellationToken) =>
        Task.FromResult(ConnectResult.Ok());
}
