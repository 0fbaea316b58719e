namespace Kaffediem.Protocol;

/// <summary>One version of the wire format. Implementations have no state and serve all connections.</summary>
internal interface ISerializer
{
    /// <summary>The version, as in <c>vsn</c>.</summary>
    string Version { get; }

    /// <summary>Whether binary payloads can be encoded. Callers must check it before they encode one.</summary>
    bool SupportsBinary { get; }

    /// <exception cref="InvalidMessageException">The frame is not a message of this version.</exception>
    Message Decode(ReadOnlyMemory<byte> frame, bool isBinary);

    Frame Encode(in Reply reply);

    Frame Encode(in Push push);

    Frame Encode(in Broadcast broadcast);
}
