using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>
/// A client's frame as the specification reads it, in the plainest way: the server is measured against this. Ref and
/// topic are JSON text; <see cref="TopicText"/> is the topic's text.
/// </summary>
internal sealed record ClientMessage(string Ref, string Topic, string TopicText, string Event)
{
    private const int MaxNameBytes = 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64 };

    /// <summary>
    /// Whether the server must reply, whatever came before (docs/protocol.md, "Events"). Other messages may belong to a
    /// stale join, or the channel leaves them unanswered.
    /// </summary>
    public bool MustBeAnswered =>
        Event == "phx_join"
        || !TopicText.StartsWith("fuzz:", StringComparison.Ordinal)
        || Encoding.UTF8.GetByteCount(TopicText) > MaxNameBytes
        || Encoding.UTF8.GetByteCount(Event) > MaxNameBytes;

    /// <returns><c>null</c> for an invalid message: the socket is closed with 1011.</returns>
    public static ClientMessage? Read(int version, byte[] frame, bool isBinary)
    {
        if (isBinary && version == 2)
        {
            return ReadBinary(frame);
        }

        if (!Utf8.IsValid(frame))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(frame, Strict);
            FuzzJson.RequireUnicode(document.RootElement);
            return version == 1 ? ReadV1(document.RootElement) : ReadV2(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static ClientMessage? ReadV1(JsonElement message) =>
        message.ValueKind == JsonValueKind.Object
        && message.TryGetProperty("topic", out var topic) && message.TryGetProperty("event", out var @event)
        && message.TryGetProperty("payload", out _) && message.TryGetProperty("ref", out var @ref)
            ? Make(@ref, topic, @event)
            : null;

    private static ClientMessage? ReadV2(JsonElement message) =>
        message.ValueKind == JsonValueKind.Array && message.GetArrayLength() >= 5
            ? Make(message[1], message[2], message[3])
            : null;

    // 00 | joinRefLen refLen topicLen eventLen | joinRef ref topic event | data
    private static ClientMessage? ReadBinary(byte[] frame)
    {
        if (frame.Length < 5 || frame[0] != 0 || frame.Length < 5 + frame[1] + frame[2] + frame[3] + frame[4])
        {
            return null;
        }

        var texts = new string[4];
        for (int i = 0, at = 5; i < 4; at += frame[i + 1], i++)
        {
            var text = frame.AsSpan(at, frame[i + 1]);
            if (!Utf8.IsValid(text))
            {
                return null;
            }

            texts[i] = Encoding.UTF8.GetString(text);
        }

        return new ClientMessage(
            JsonSerializer.Serialize(texts[1]), JsonSerializer.Serialize(texts[2]), texts[2], texts[3]);
    }

    private static ClientMessage Make(JsonElement @ref, JsonElement topic, JsonElement @event) =>
        new(@ref.GetRawText(), topic.GetRawText(), Text(topic), Text(@event));

    private static string Text(JsonElement name) =>
        name.ValueKind == JsonValueKind.String ? name.GetString()! : name.GetRawText();
}
