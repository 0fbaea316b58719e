namespace Kaffediem.Protocol;

/// <summary>A message from the client. Its payload is a slice of the one frame it came in.</summary>
/// <param name="JoinRef">Which join of the topic it belongs to; null for the socket itself and for V1 clients.</param>
/// <param name="Ref">The ref that a reply must repeat.</param>
/// <param name="Topic">
/// The topic's text; for a topic that is not a string, its JSON text (which no route matches).
/// </param>
/// <param name="TopicJson">The topic as received, for echoing.</param>
/// <param name="Event">The event's text; for an event that is not a string, its JSON text.</param>
/// <param name="Payload">Any JSON value, or bytes.</param>
internal sealed record Message(
    Ref JoinRef, Ref Ref, string Topic, ReadOnlyMemory<byte> TopicJson, string Event, Payload Payload);

/// <summary>The answer to a message: <c>phx_reply</c>.</summary>
internal readonly record struct Reply(
    Ref JoinRef, Ref Ref, ReadOnlyMemory<byte> TopicJson, string Status, Payload Response);

/// <summary>A message to one client's channel. <paramref name="Ref"/> is only set by phx_close and phx_error.</summary>
internal readonly record struct Push(
    Ref JoinRef, Ref Ref, ReadOnlyMemory<byte> TopicJson, string Event, Payload Payload);

/// <summary>A message to all subscribers of a topic, without refs, so that all of them get the same bytes.</summary>
internal readonly record struct Broadcast(string Topic, string Event, Payload Payload);
