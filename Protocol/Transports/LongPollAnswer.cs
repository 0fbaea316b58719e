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

    // Small enough that a slow client, which takes a long answer bit by bit, is not mistaken for a stalled one.
    private const int SliceBytes = 64 * 1024;

    public static Task WriteAsync(HttpResponse response, int status, string? token = null) =>
        WriteAsync(response, Encode(status, token, []));

    /// <summary>
    /// Refuses a client: phoenix.js reads the status alone, and a person with curl the reason, where there is one.
    /// </summary>
    public static Task WriteRefusalAsync(HttpResponse response, string reason) =>
        WriteAsync(response, Encode(StatusCodes.Status403Forbidden, token: null, [], reason));

    /// <summary>Answers a poll.</summary>
    /// <returns><c>false</c> when the client's connection has broken before it accepted all of the answer.</returns>
    /// <exception cref="TimeoutException">The client has not read anything of it for the stall timeout.</exception>
    public static async Task<bool> WriteAsync(
        HttpContext context, string token, IReadOnlyList<Frame> messages, SocketServices services)
    {
        var status = messages.Count > 0 ? StatusCodes.Status200OK : StatusCodes.Status204NoContent;
        var rest = Encode(status, token, messages);
        Begin(context.Response, rest.Length);
        if (rest.Length > SliceBytes)
        {
            context.LimitUnsentBytes();
        }

        while (!rest.IsEmpty)
        {
            var slice = rest[..Math.Min(rest.Length, SliceBytes)];
            var writing = context.Response.BodyWriter.WriteAsync(slice, context.RequestAborted);
            // Kestrel alone would wait for as long as 240 bytes a second take: for hours.
            var result = writing.IsCompletedSuccessfully
                ? writing.Result
                : await writing.AsTask().WaitAsync(services.Options.StallTimeout, services.Time);
            if (result.IsCompleted)
            {
                return false; // Kestrel drops further bytes, and cancels RequestAborted a moment later
            }

            rest = rest[slice.Length..];
        }

        await context.Response.CompleteAsync();
        return true;
    }

    private static async Task WriteAsync(HttpResponse response, ReadOnlyMemory<byte> json)
    {
        Begin(response, json.Length);
        await response.Body.WriteAsync(json);
        await response.CompleteAsync();
    }

    private static void Begin(HttpResponse response, int length)
    {
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = length;
    }

    private static ReadOnlyMemory<byte> Encode(
        int status, string? token, IReadOnlyList<Frame> messages, string reason = "")
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, Relaxed))
        {
            writer.WriteStartObject();
            writer.WriteNumber("status"u8, status);
            if (reason.Length > 0)
            {
                writer.WriteString("reason"u8, reason);
            }

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

        return json.WrittenMemory;
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
