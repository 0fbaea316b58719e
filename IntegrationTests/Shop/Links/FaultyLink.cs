using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Kaffediem.IntegrationTests.Shop.Links;

/// <summary>
/// A proxy between client and server that forwards bytes. It can be slow, block one direction, and reset all
/// connections, also in the middle of a frame.
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

    /// <summary>The address for clients.</summary>
    public Uri Address { get; }

    /// <summary>From the client to the server.</summary>
    public LinkDirection Up { get; } = new();

    /// <summary>From the server to the client.</summary>
    public LinkDirection Down { get; } = new();

    /// <summary>Resets all connections: bytes in transit are lost.</summary>
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
            // It is being disposed of.
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
            client.Close(timeout: 0); // the server is down, or all connections were reset meanwhile
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

/// <summary>One direction of a link, and how it forwards bytes.</summary>
internal sealed class LinkDirection
{
    private const int LargestPiece = 16_384;

    private volatile TaskCompletionSource? _held;
    private volatile int _piece = LargestPiece;
    private volatile int _pause;

    /// <summary>
    /// From now on forwards at most <paramref name="piece"/> bytes at once, after a pause in milliseconds each.
    /// </summary>
    public void Slow(int piece, int pause) => (_piece, _pause) = (piece, pause);

    /// <summary>Forwards nothing until it is healed, but loses nothing.</summary>
    public void Hold() => _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Heal()
    {
        (_piece, _pause) = (LargestPiece, 0);
        var held = _held;
        _held = null;
        held?.TrySetResult();
    }

    /// <summary>Forwards what one side sends, and its end.</summary>
    public async Task PassAsync(Socket from, Socket to)
    {
        var buffer = new byte[LargestPiece];
        while (await from.ReceiveAsync(buffer) is var count and > 0)
        {
            await SendAsync(to, buffer.AsMemory(0, count));
        }

        await WaitAsync();
        to.Shutdown(SocketShutdown.Send);
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            await WaitAsync();
            bytes = bytes[await to.SendAsync(bytes[..Math.Min(_piece, bytes.Length)])..];
        }
    }

    private async Task WaitAsync()
    {
        if (_pause > 0)
        {
            await Task.Delay(_pause);
        }

        await (_held?.Task ?? Task.CompletedTask);
    }
}
