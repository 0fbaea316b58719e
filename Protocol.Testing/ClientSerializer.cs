using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kaffediem.Protocol.Testing;

/// <summary>
/// The client's side of both versions of the wire format; written anew, so that a fault of the server's serializers is
/// not read back as it was written (phoenix@167c469 assets/js/phoenix/serializer.js).
/// </summary>
internal sealed class ClientSerializer(int version)
{
    /// <summary>V1: {"topic", "event", "payload", "ref", "join_ref"}. V2: [join_ref, ref, topic, event,
    /// payload].</summary>
    public byte[] EncodeText(ClientMessage message)
    {
        var payload = message.Payload.ToNode();
        JsonNode frame = version == 1
            ? new JsonObject
            {
                ["topic"] = message.Topic,
                ["event"] = message.Event,
                ["payload"] = payload,
                ["ref"] = message.Ref,
                ["join_ref"] = message.JoinRef,
            }
            : new JsonArray(message.JoinRef, message.Ref, message.Topic, message.Event, payload);
        return Encoding.UTF8.GetBytes(frame.ToJsonString());
    }

    /// <summary>push = 0 | joinRefLen refLen topicLen eventLen | joinRef ref topic event | data</summary>
    public byte[] EncodeBinary(ClientMessage message)
    {
        if (version == 1)
        {
            throw new NotSupportedException("A client of V1 cannot send binary payloads.");
        }

        string[] texts = [message.JoinRef ?? "", message.Ref ?? "", message.Topic, message.Event];
        byte[][] fields = [.. texts.Select(Encoding.UTF8.GetBytes)];
        return
        [
            0, .. fields.Select(field => checked((byte)field.Length)), .. fields.SelectMany(field => field),
            .. message.Payload.Binary.Span,
        ];
    }

    public ClientMessage Decode(ReadOnlyMemory<byte> frame, bool isBinary)
    {
        if (isBinary)
        {
            return DecodeBinary(frame);
        }

        var reading = new JsonDocumentOptions { MaxDepth = PhoenixOptions.DeepestJson };
        using var document = JsonDocument.Parse(frame, reading);
        var json = document.RootElement;
        return version == 1
            ? Message(
                null, json.GetProperty("ref"), json.GetProperty("topic"),
                json.GetProperty("event"), json.GetProperty("payload"))
            : Message(json[0], json[1], json[2], json[3], json[4]);
    }

    private static ClientMessage Message(
        JsonElement? joinRef, JsonElement @ref, JsonElement topic, JsonElement @event, JsonElement payload)
    {
        var isReply = @event.GetString() == Events.Reply;
        var carried = isReply ? payload.GetProperty("response") : payload;
        // A message from the server always names its topic and event.
        return new ClientMessage(
            joinRef?.GetString(), @ref.GetString(), topic.GetString()!, @event.GetString()!,
            Payload.FromJson(carried.GetRawText()), isReply ? payload.GetProperty("status").GetString() : null);
    }

    // push = 0 | joinRefLen topicLen eventLen | ...; reply = 1 | joinRefLen refLen topicLen statusLen | ...;
    // broadcast = 2 | topicLen eventLen | ...
    private static ClientMessage DecodeBinary(ReadOnlyMemory<byte> frame)
    {
        var kind = frame.Span[0];
        var count = kind switch { 0 => 3, 1 => 4, _ => 2 };
        var lengths = frame.Slice(1, count).ToArray();
        var rest = frame[(1 + count)..];
        var texts = new string[count];
        for (var i = 0; i < count; i++)
        {
            texts[i] = Encoding.UTF8.GetString(rest.Span[..lengths[i]]);
            rest = rest[lengths[i]..];
        }

        var payload = Payload.FromBinary(rest);
        return kind switch
        {
            0 => new ClientMessage(texts[0], null, texts[1], texts[2], payload),
            1 => new ClientMessage(texts[0], texts[1], texts[2], Events.Reply, payload, texts[3]),
            _ => new ClientMessage(null, null, texts[0], texts[1], payload),
        };
    }
}
