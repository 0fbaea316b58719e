using System.Text.Json;

namespace Kaffediem.Protocol;

/// <summary>
/// The object frames of <c>vsn=1.0.x</c>, and of clients that send no version (docs/protocol.md, "V1"; phoenix@167c469
/// <c>lib/phoenix/socket/serializers/v1_json_serializer.ex</c>). It never sends a join_ref.
/// </summary>
internal sealed class V1JsonSerializer(JsonReaderOptions options) : ISerializer
{
    public string Version => "1.0.0";

    public bool SupportsBinary => false;

    // message = {"topic", "event", "payload", "ref", "join_ref"?}. The opcode is ignored: JSON in a binary frame works.
    public Message Decode(ReadOnlyMemory<byte> frame, bool isBinary) =>
        JsonFrameReader.Guard(frame, options, DecodeText);

    // reply = {"topic", "event": "phx_reply", "ref", "payload": {"status", "response"}}
    public Frame Encode(in Reply reply) => FrameBuilder.Text()
        .Raw("{\"topic\":"u8).Raw(reply.TopicJson.Span)
        .Raw(",\"event\":\"phx_reply\",\"ref\":"u8).Raw(reply.Ref.Json)
        .Raw(",\"payload\":{\"status\":"u8).String(reply.Status)
        .Raw(",\"response\":"u8).Payload(reply.Response).Raw("}}"u8).Build();

    // push = {"topic", "event", "ref", "payload"}
    public Frame Encode(in Push push) => FrameBuilder.Text()
        .Raw("{\"topic\":"u8).Raw(push.TopicJson.Span).Raw(",\"event\":"u8).String(push.Event)
        .Raw(",\"ref\":"u8).Raw(push.Ref.Json).Raw(",\"payload\":"u8).Payload(push.Payload).Raw("}"u8).Build();

    // broadcast = {"topic", "event", "ref": null, "payload"}
    public Frame Encode(in Broadcast broadcast) => FrameBuilder.Text()
        .Raw("{\"topic\":"u8).String(broadcast.Topic).Raw(",\"event\":"u8).String(broadcast.Event)
        .Raw(",\"ref\":null,\"payload\":"u8).Payload(broadcast.Payload).Raw("}"u8).Build();

    private static Message DecodeText(ReadOnlyMemory<byte> frame, JsonReaderOptions options)
    {
        var reader = new JsonFrameReader(frame, options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidMessageException("A V1 message is a JSON object.");
        }

        string? topic = null, @event = null;
        ReadOnlyMemory<byte> topicJson = default, payload = default, @ref = default, joinRef = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            switch (reader.PropertyName)
            {
                case "topic": topic = reader.ReadText(out topicJson); break;
                case "event": @event = reader.ReadText(out _); break;
                case "payload": payload = reader.ReadValue(); break;
                case "ref": @ref = reader.ReadValue(); break;
                case "join_ref": joinRef = reader.ReadValue(); break;
                default: reader.ReadValue(); break;
            }
        }

        reader.Read(); // throws when anything follows the object
        return topic is null || @event is null || payload.IsEmpty || @ref.IsEmpty
            ? throw new InvalidMessageException("A V1 message has topic, event, payload and ref.")
            : new Message(new Ref(joinRef), new Ref(@ref), topic, topicJson, @event, Payload.FromJson(payload));
    }
}
