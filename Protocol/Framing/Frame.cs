namespace Kaffediem.Protocol;

/// <summary>
/// One whole WebSocket frame, ready to be sent, header included. A long payload is shared and not copied: a snapshot
/// that ten thousand clients ask for is one piece of memory between each client's own head and tail.
/// </summary>
internal readonly record struct Frame(
    ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Shared = default, ReadOnlyMemory<byte> Tail = default)
{
    public int Length => Head.Length + Shared.Length + Tail.Length;

    /// <summary>The head without the WebSocket header, for transports that have a frame of their own.</summary>
    public ReadOnlyMemory<byte> HeadPayload => Head[HeaderLength..];

    // RFC 6455 §5.2: the second byte is the length, or says how many more bytes hold it.
    private int HeaderLength => Head.Span[1] switch
    {
        < 126 => 2,
        126 => 4,
        _ => 10,
    };
}
