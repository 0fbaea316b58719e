using System.Text.Json;

namespace Kaffediem.Protocol;

/// <summary>
/// The array frames of <c>vsn=2.0.x</c>; binary frames are those of <see cref="BinaryFrame"/> (docs/protocol.md, "V2";
/// phoenix@167c469 <c>lib/phoenix/socket/serializers/v2_json_serializer.ex</c>).
/// </summary>
internal sealed class V2JsonSerializer(JsonReaderOptions options) : ISerializer
{
    public string Version => "2.0.0";

    public bool SupportsBinary => true;

    // message = [join_ref, ref, topic, event, payload, ignored...]
    public Message Decode(ReadOnlyMemory<byte> frame, bool isBinary) => isBinary
        ? BinaryFrame.Decode(frame)
        : JsonFrameReader.Guard(frame, options, DecodeText);

    // reply = [join_ref, ref, topic, "phx_reply", {"status": status, "response": response}]
    public Frame Encode(in Reply reply) => reply.Response.IsBinary
        ? BinaryFrame.Encode(reply)
        : FrameBuilder.Text()
        .Raw("["u8).Raw(reply.JoinRef.Json).Raw(","u8).Raw(reply.Ref.Json).Raw(","u8).Raw(reply.TopicJson.Span)
        .Raw(",\"phx_reply\",{\"status\":"u8).String(reply.Status)
        .Raw(",\"response\":"u8).Payload(reply.Response).Raw("}]"u8).Build();

    // push = [join_ref, null, topic, event, payload]; phx_close and phx_error = [join_ref, join_ref, topic, event, {}]
    public Frame Encode(in Push push) => push.Payload.IsBinary
        ? BinaryFrame.Encode(push)
        : FrameBuilder.Text()
        .Raw("["u8).Raw(push.JoinRef.Json).Raw(","u8).Raw(push.Ref.Json).Raw(","u8).Raw(push.TopicJson.Span)
        .Raw(","u8).String(push.Event).Raw(","u8).Payload(push.Payload).Raw("]"u8).Build();

    // broadcast = [null, null, topic, event, payload]
    public Frame Encode(in Broadcast broadcast) => broadcast.Payload.IsBinary
        ? BinaryFrame.Encode(broadcast)
        : FrameBuilder.Text()
        .Raw("[null,null,"u8).String(broadcast.Topic)
        .Raw(","u8).String(broadcast.Event).Raw(","u8).Payload(broadcast.Payload).Raw("]"u8).Build();

    private static Message DecodeText(ReadOnlyMemory<byte> frame, JsonReaderOptions options)
    {
        var reader = new JsonFrameReader(frame, options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            throw new InvalidMessageException("A V2 message is a JSON array.");
        }

        var joinRef = new Ref(reader.ReadValue());
        var @ref = new Ref(reader.ReadValue());
        var topic = reader.ReadText(out var topicJson);
        var @event = reader.ReadText(out _);
        var payload = Payload.FromJson(reader.ReadValue());
        reader.SkipRestOfArray();
        reader.Read(); // throws when anything follows the array
        return new Message(joinRef, @ref, topic, topicJson, @event, payload);
    }
}
