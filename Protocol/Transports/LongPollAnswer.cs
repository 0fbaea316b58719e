using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Kaffediem.Protocol;

/// <summary>
/// The answers of the long-poll transport (spec/protocol.md section 7): <c>{"status": s}</c>, and to polls
/// <c>{"status": s, "token": t, "messages": ["message", ...]}</c>, where each message is JSON in a JSON string.
/// </summary>
internal static class LongPollAnswer
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task WriteAsync(HttpResponse response, int status, string? token = null) =>
        WriteAsync(response, status, token, [], CancellationToken.None);

    public static Task WriteAsync(
        HttpResponse response, string token, IReadOnlyList<Frame> messages, CancellationToken cancellationToken) =>
        WriteAsync(
            response,
            messages.Count > 0 ? StatusCodes.Status200OK : StatusCodes.Status204NoContent,
            token,
            messages,
            cancellationToken);

    private static async Task WriteAsync(
        HttpResponse response, int status, string? token, IReadOnlyList<Frame> messages, CancellationToken cancellationToken)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, Relaxed))
        {
            writer.WriteStartObject();
            writer.WriteNumber("status"u8, status);
            if (token is not null)
            {
                writer.WriteString("token"u8, token);
                writer.WriteStartArray("messages"u8);
                foreach (var message in messages)
                {
                    WriteText(writer, message);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = json.WrittenCount;
        await response.Body.WriteAsync(json.WrittenMemory, cancellationToken);
        await response.CompleteAsync();
    }

    private static void WriteText(Utf8JsonWriter writer, in Frame message)
    {
        writer.WriteStringValueSegment(message.HeadPayload.Span, isFinalSegment: message.Shared.IsEmpty);
        if (!message.Shared.IsEmpty)
        {
            writer.WriteStringValueSegment(message.Shared.Span, isFinalSegment: false);
            writer.WriteStringValueSegment(message.Tail.Span, isFinalSegment: true);
        }
    }
}
