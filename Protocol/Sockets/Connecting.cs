namespace Kaffediem.Protocol;

/// <summary>
/// A client that wants to connect, and has a place, which is given back by disposing of it, unless it was let in. While
/// it is being asked it is remembered which ids are disconnected: the application may let it in on what it knew before.
/// </summary>
internal sealed class Connecting(IDisposable? place, Action<Connecting> onEnd) : IDisposable
{
    // Guards the ids: anyone may disconnect. For one look or one change.
    private readonly Lock _lock = new();
    private HashSet<string>? _disconnected;

    /// <summary>
    /// The place, which a client that was let in keeps, unlike this object, until it ends. A long-poll client has none
    /// yet: its session takes one when it is polled.
    /// </summary>
    public IDisposable? Place => place;

    public void OnDisconnect(string socketId)
    {
        lock (_lock)
        {
            (_disconnected ??= new HashSet<string>(StringComparer.Ordinal)).Add(socketId);
        }
    }

    public bool IsDisconnected(string? socketId)
    {
        lock (_lock)
        {
            return socketId is not null && _disconnected?.Contains(socketId) == true;
        }
    }

    public void Dispose()
    {
        onEnd(this);
        place?.Dispose();
    }
}
