namespace Kaffediem.Protocol;

/// <summary>
/// Broadcasts of one topic that leave together, in order. For subscribers that get all of them they are one shared
/// piece of memory, which is queued and sent at once.
/// </summary>
internal sealed class BroadcastRun(IReadOnlyList<EncodedBroadcast> broadcasts)
{
    private readonly FramesBySerializer _frames = new(serializer => Join(broadcasts, serializer));

    public IReadOnlyList<EncodedBroadcast> Broadcasts => broadcasts;

    /// <summary>Whether all of it is text, which every client can receive.</summary>
    public bool IsText { get; } = !broadcasts.Any(broadcast => broadcast.Payload.IsBinary);

    /// <summary>All frames as one piece of memory. Called under the topic's lock only.</summary>
    public Frame For(ISerializer serializer) => _frames.For(serializer);

    private static Frame Join(IReadOnlyList<EncodedBroadcast> broadcasts, ISerializer serializer)
    {
        var frames = broadcasts.Select(broadcast => broadcast.For(serializer)).ToArray();
        var bytes = GC.AllocateUninitializedArray<byte>(frames.Sum(frame => frame.Length));
        var rest = bytes.AsMemory();
        foreach (var frame in frames)
        {
            rest = Append(Append(Append(rest, frame.Head), frame.Shared), frame.Tail);
        }

        return new Frame(bytes);
    }

    private static Memory<byte> Append(Memory<byte> target, ReadOnlyMemory<byte> bytes)
    {
        bytes.CopyTo(target);
        return target[bytes.Length..];
    }
}
