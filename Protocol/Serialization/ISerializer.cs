namespace Kaffediem.Protocol;

/// <summary>One version of the wire format. Implementations have no state and serve all connections.</summary>
internal interface ISerializer
{
    /// <summary>The version it speaks, as in <c>vsn</c>.</summary>
    string Version { get; }

    /// <summary>Whether binary payloads can be encoded; to encode one nevertheless is a fault of ours.</summary>
    bool SupportsBinary { get; }

    /// <exception cref="InvalidMessageException">The frame is no message of this version.</exception>
    Message Decode(ReadOnlyMemory<byte> frame, bool isBinary);

    Frame Encode(in Reply reply);

    Frame Encode(in Push push);

    Frame Encode(in Broadcast broadcast);
}
