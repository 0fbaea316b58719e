using Kaffediem.Benchmarks.Linux;

namespace Kaffediem.Benchmarks.Load;

/// <summary>A connection that the event loop watches.</summary>
internal interface IConnection
{
    /// <summary>Called when the connection is readable, or writable if it waits for that.</summary>
    void OnReady();
}

/// <summary>The loop of the load client's only thread. All connections share one buffer for reading.</summary>
internal sealed class EventLoop
{
    private const int BufferBytes = 256 * 1024;

    private readonly Epoll _epoll = new();
    private readonly List<IConnection> _connections = [];

    /// <summary>The number of connections that have ended.</summary>
    public int Ended { get; private set; }

    public byte[] Buffer { get; } = GC.AllocateArray<byte>(BufferBytes, pinned: true);

    /// <summary>Begins to watch a connection.</summary>
    /// <returns>Its number, for the other calls.</returns>
    public int Add(IConnection connection, LoadSocket socket, uint events)
    {
        _connections.Add(connection);
        _epoll.Watch(socket.Descriptor, _connections.Count - 1, events);
        return _connections.Count - 1;
    }

    public void WaitFor(uint events, int number, LoadSocket socket) => _epoll.Change(socket.Descriptor, number, events);

    public void Remove(LoadSocket socket)
    {
        Ended++;
        _epoll.Forget(socket.Descriptor);
        socket.Dispose();
    }

    /// <summary>Waits for ready connections and handles each once.</summary>
    public void Turn(TimeSpan timeout)
    {
        var count = _epoll.Wait((int)timeout.TotalMilliseconds);
        for (var i = 0; i < count; i++)
        {
            _connections[_epoll.IdAt(i)].OnReady();
        }
    }
}
