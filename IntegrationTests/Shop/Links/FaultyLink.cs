using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Kaffediem.IntegrationTests.Shop.Links;

/// <summary>
/// What lies between a client and the server: it passes bytes on, can be slow, pass nothing in one direction, and cut
/// all connections off with a reset, in the middle of a frame or wherever they are.
/// </summary>
internal sealed class FaultyLink : IAsyncDisposable
{
    private readonly Uri _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, Task> _connections = [];
    private readonly ConcurrentDictionary<Socket, byte> _sockets = [];
    private readonly Task _accepting;

    public FaultyLink(Uri server)
    {
        _server = server;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    /// <summary>Where the server seems to be.</summary>
    public Uri Address { get; }

    /// <summary>From the client to the server.</summary>
    public LinkDirection Up { get; } = new();

    /// <summary>From the server to the client.</summary>
    public LinkDirection Down { get; } = new();

    /// <summary>Resets all connections: what was on its way is lost.</summary>
    public void Reset()
    {
        foreach (var socket in _sockets.Keys)
        {
            socket.Close(timeout: 0);
        }
    }

    public void Heal()
    {
        Up.Heal();
        Down.Heal();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        Heal();
        Reset();
        await Task.WhenAll(_connections.Values);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                _connections[client] = ConnectAsync(client);
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            // It is taken down, amid waiting or between two.
        }
    }

    private async Task ConnectAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        (_sockets[client], _sockets[server]) = (0, 0);
        try
        {
            await server.ConnectAsync(_server.Host, _server.Port);
            await Task.WhenAll(PassAsync(Up, client, server), PassAsync(Down, server, client));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            client.Close(timeout: 0); // nobody listens, or all was reset meanwhile
        }

        client.Dispose();
        _sockets.TryRemove(client, out _);
        _sockets.TryRemove(server, out _);
        _connections.TryRemove(client, out _);
    }

    private static async Task PassAsync(LinkDirection direction, Socket from, Socket to)
    {
        try
        {
            await direction.PassAsync(from, to);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            from.Close(timeout: 0);
            to.Close(timeout: 0);
        }
    }
}
