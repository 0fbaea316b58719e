using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Kaffediem.Protocol;

/// <summary>
/// The binary frames of <c>vsn=2.0.x</c> (docs/protocol.md, "Binary"; phoenix@167c469
/// <c>lib/phoenix/socket/serializers/v2_json_serializer.ex</c>). Their four layouts differ. Every length is one byte
/// and counts bytes of UTF-8; <c>null</c> in JSON has the length 0 here.
/// </summary>
internal static class BinaryFrame
{
    private const byte PushKind = 0;
    private const byte ReplyKind = 1;
    private const byte BroadcastKind = 2;

    private const int ClientPushHeader = 5;

    // client push = 00 | joinRefLen refLen topicLen eventLen | joinRef ref topic event | data
    public static Message Decode(ReadOnlyMemory<byte> frame)
    {
        var bytes = frame.Span;
        if (bytes.Length < ClientPushHeader || bytes[0] != PushKind)
        {
            throw new InvalidMessageException("A client's binary message has kind 0 and four lengths.");
        }

        var rest = frame[ClientPushHeader..];
        var joinRef = CutText(ref rest, bytes[1]);
        var @ref = CutText(ref rest, bytes[2]);
        var topic = CutText(ref rest, bytes[3]);
        var @event = CutText(ref rest, bytes[4]);
        return new Message(
            new Ref(ToJson(joinRef)),
            new Ref(ToJson(@ref)),
            Encoding.UTF8.GetString(topic),
            ToJson(topic),
            Encoding.UTF8.GetString(@event),
            Payload.FromBinary(rest));
    }

    // server push = 00 | joinRefLen topicLen eventLen | joinRef topic event | data; no ref
    public static Frame Encode(in Push push)
    {
        var joinRef = FieldOfJson(push.JoinRef.Json, "join_ref");
        var topic = FieldOfJson(push.TopicJson.Span, "topic");
        var @event = Field(push.Event, "event");
        return FrameBuilder.Binary()
            .Raw([PushKind, Length(joinRef), Length(topic), Length(@event)])
            .Raw(joinRef).Raw(topic).Raw(@event).Payload(push.Payload).Build();
    }

    // reply = 01 | joinRefLen refLen topicLen statusLen | joinRef ref topic status | data
    public static Frame Encode(in Reply reply)
    {
        var joinRef = FieldOfJson(reply.JoinRef.Json, "join_ref");
        var @ref = FieldOfJson(reply.Ref.Json, "ref");
        var topic = FieldOfJson(reply.TopicJson.Span, "topic");
        var status = Field(reply.Status, "status");
        return FrameBuilder.Binary()
            .Raw([ReplyKind, Length(joinRef), Length(@ref), Length(topic), Length(status)])
            .Raw(joinRef).Raw(@ref).Raw(topic).Raw(status).Payload(reply.Response).Build();
    }

    // broadcast = 02 | topicLen eventLen | topic event | data
    public static Frame Encode(in Broadcast broadcast)
    {
        var topic = Field(broadcast.Topic, "topic");
        var @event = Field(broadcast.Event, "event");
        return FrameBuilder.Binary()
            .Raw([BroadcastKind, Length(topic), Length(@event)])
            .Raw(topic).Raw(@event).Payload(broadcast.Payload).Build();
    }

    /// <summary>Checks a broadcast before any client gets it.</summary>
    /// <exception cref="ArgumentException">The topic or the event is too long for a binary frame.</exception>
    public static void Check(in Broadcast broadcast)
    {
        Field(broadcast.Topic, "topic");
        Field(broadcast.Event, "event");
    }

    private static ReadOnlySpan<byte> CutText(ref ReadOnlyMemory<byte> rest, int length)
    {
        if (rest.Length < length || !Utf8.IsValid(rest.Span[..length]))
        {
            throw new InvalidMessageException("A text of a binary message ends too early or is not UTF-8.");
        }

        var text = rest.Span[..length];
        rest = rest[length..];
        return text;
    }

    // As a JSON string, so that it is compared, and echoed in JSON frames, like any other. An empty ref is not null:
    // Phoenix answers it with "" (reference transcript W185), and to a joined topic an empty join_ref is a stale one
    // (socket.ex).
    private static byte[] ToJson(ReadOnlySpan<byte> text)
    {
        var encoded = JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        return [.. "\""u8, .. encoded.EncodedUtf8Bytes, .. "\""u8];
    }

    private static byte Length(ReadOnlySpan<byte> field) => (byte)field.Length;

    private static byte[] Field(string text, string name)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        RequireFits(bytes, name);
        return bytes;
    }

    // Like Phoenix's to_string: a string's text, nothing for null, a number's digits.
    private static ReadOnlySpan<byte> FieldOfJson(ReadOnlySpan<byte> json, string name)
    {
        var text = json[0] switch
        {
            (byte)'"' => Unquote(json),
            (byte)'n' => [],
            (byte)'{' or (byte)'[' => throw new ArgumentException(
                $"The {name} of a binary message must not be an object or array."),
            _ => json,
        };
        RequireFits(text, name);
        return text;
    }

    private static ReadOnlySpan<byte> Unquote(ReadOnlySpan<byte> json)
    {
        if (!json.Contains((byte)'\\'))
        {
            return json[1..^1];
        }

        var reader = new Utf8JsonReader(json);
        reader.Read();
        return Encoding.UTF8.GetBytes(reader.GetString()!); // only null's token has no text
    }

    private static void RequireFits(ReadOnlySpan<byte> field, string name)
    {
        if (field.Length > byte.MaxValue)
        {
            throw new ArgumentException(
                $"The {name} of a binary message may take {byte.MaxValue} bytes of UTF-8; this one takes "
                    + $"{field.Length}.");
        }
    }
}
