using System.Text;
using System.Text.Json;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>
/// A message as phoenix.js decodes it (docs/protocol.md, "Messages"), and no more leniently: throws if it cannot be
/// decoded or has missing or additional parts. Refs and topic are JSON text.
/// </summary>
internal sealed record ServerMessage(string JoinRef, string Ref, string Topic, string Event)
{
    private const string Null = "null";

    private static readonly JsonDocumentOptions AnyDepth = new() { MaxDepth = 10_000 };
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public bool IsReply => Event == "phx_reply";

    public static ServerMessage Decode(int version, int opcode, byte[] frame) => (version, opcode) switch
    {
        (_, 1) => DecodeText(version, StrictUtf8.GetString(frame)),
        (2, 2) => DecodeBinary(frame),
        _ => throw new InvalidDataException($"A frame with opcode {opcode} is nothing for a V{version} client."),
    };

    private static ServerMessage DecodeText(int version, string text)
    {
        using var document = JsonDocument.Parse(text, AnyDepth);
        FuzzJson.RequireUnicode(document.RootElement);
        return version == 1 ? DecodeV1(document.RootElement) : DecodeV2(document.RootElement);
    }

    // {"topic", "event", "payload", "ref"}; no join_ref
    private static ServerMessage DecodeV1(JsonElement message)
    {
        string[] names = [.. message.EnumerateObject().Select(member => member.Name).Order()];
        Assert.Equal(["event", "payload", "ref", "topic"], names);
        return Check(
            new ServerMessage(
                Null, Text(message, "ref"), Text(message, "topic"), message.GetProperty("event").GetString()!),
            message.GetProperty("payload"),
            hasJoinRef: false);
    }

    // [join_ref, ref, topic, event, payload]
    private static ServerMessage DecodeV2(JsonElement message)
    {
        Assert.Equal(5, message.GetArrayLength());
        return Check(
            new ServerMessage(
                message[0].GetRawText(), message[1].GetRawText(), message[2].GetRawText(), message[3].GetString()!),
            message[4],
            hasJoinRef: true);
    }

    private static ServerMessage Check(ServerMessage message, JsonElement payload, bool hasJoinRef)
    {
        Assert.Equal(JsonValueKind.Object, payload.ValueKind); // phoenix.js reads payload.status
        switch (message.Event)
        {
            case "phx_reply":
                Assert.Equal(["response", "status"], payload.EnumerateObject().Select(member => member.Name).Order());
                Assert.Equal(JsonValueKind.String, payload.GetProperty("status").ValueKind);
                break;
            case "phx_close" or "phx_error":
                Assert.True(
                    !hasJoinRef || message.Ref == message.JoinRef, $"{message}: ref and join_ref are the same.");
                break;
            default: // a push or a broadcast
                Assert.Equal(Null, message.Ref);
                Assert.StartsWith("\"", message.Topic, StringComparison.Ordinal);
                break;
        }

        return message;
    }

    // push 00 | joinRefLen topicLen eventLen; reply 01 | joinRefLen refLen topicLen statusLen; broadcast 02 | topicLen
    // eventLen
    private static ServerMessage DecodeBinary(byte[] frame)
    {
        var (header, count) = frame[0] switch
        {
            0 => (4, 3),
            1 => (5, 4),
            2 => (3, 2),
            var kind => throw new InvalidDataException($"Kind {kind} is nothing for a client."),
        };
        var texts = new string[count];
        var at = header;
        for (var i = 0; i < count; i++)
        {
            texts[i] = StrictUtf8.GetString(frame, at, frame[i + 1]);
            at += frame[i + 1];
        }

        return frame[0] switch
        {
            0 => new ServerMessage(ToJson(texts[0]), Null, ToJson(texts[1]), texts[2]),
            1 => new ServerMessage(ToJson(texts[0]), ToJson(texts[1]), ToJson(texts[2]), "phx_reply"),
            _ => new ServerMessage(Null, Null, ToJson(texts[0]), texts[1]),
        };
    }

    private static string ToJson(string text) => JsonSerializer.Serialize(text);

    private static string Text(JsonElement message, string name) => message.GetProperty(name).GetRawText();
}
