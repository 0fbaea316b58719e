namespace Kaffediem.Protocol;

/// <summary>
/// The frame of one broadcast for each serializer that its subscribers use, encoded when the first of them asks. There
/// are as many serializers as versions, two, so looking through them is the fastest way. Not thread-safe: used under
/// the topic's lock.
/// </summary>
/// <param name="encode">Encodes the broadcast.</param>
internal sealed class FramesBySerializer(Func<ISerializer, Frame> encode)
{
    private readonly List<(ISerializer Serializer, Frame Frame)> _frames = new(capacity: 2);

    public Frame For(ISerializer serializer)
    {
        foreach (var (known, frame) in _frames)
        {
            if (known == serializer)
            {
                return frame;
            }
        }

        var encoded = encode(serializer);
        _frames.Add((serializer, encoded));
        return encoded;
    }
}
