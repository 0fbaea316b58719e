namespace Kaffediem.Protocol;

/// <summary>
/// A client that wants to connect, and its place. Disposing of it gives the place back, unless the client was let in.
/// Until then it remembers the ids that are disconnected, because the application may decide on older knowledge.
/// </summary>
internal sealed class Connecting(IDisposable? place, Action<Connecting> onEnd) : IDisposable
{
    // Guards the ids, for one look or one change: any thread may disconnect.
    private readonly Lock _lock = new();
    private HashSet<string>? _disconnected;

    /// <summary>
    /// The place. A client that was let in keeps it until it ends. A long-poll client has none yet: its session takes
    /// one when it is polled.
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
