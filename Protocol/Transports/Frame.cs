namespace Kaffediem.Protocol;

/// <summary>
/// One whole WebSocket frame, ready to be sent, its header included. A long payload is not copied but shared: a snapshot
/// that ten thousand clients ask for is one piece of memory between each client's own head and tail.
/// </summary>
internal readonly record struct Frame(
    ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Shared = default, ReadOnlyMemory<byte> Tail = default)
{
    public int Length => Head.Length + Shared.Length + Tail.Length;
}
