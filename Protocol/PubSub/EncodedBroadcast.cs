namespace Kaffediem.Protocol;

/// <summary>
/// A broadcast that is being delivered: encoded at most once per serializer, WebSocket header included, and then the
/// same bytes for every subscriber (phoenix@167c469 <c>channel/server.ex</c> dispatch/3, the "fastlane").
/// </summary>
internal sealed class EncodedBroadcast(Broadcast broadcast, long position)
{
    private readonly FramesBySerializer _frames = new(serializer => serializer.Encode(broadcast));

    /// <summary>Its position in the topic's log; see <see cref="PhoenixEndpoint"/>.</summary>
    public long Position => position;

    public string Event => broadcast.Event;

    public Payload Payload => broadcast.Payload;

    /// <summary>About how many bytes are sent for it.</summary>
    public int Length => broadcast.Topic.Length + broadcast.Event.Length + broadcast.Payload.Bytes.Length;

    /// <summary>The broadcast as one frame. Called under the topic's lock only.</summary>
    public Frame For(ISerializer serializer) => _frames.For(serializer);
}
