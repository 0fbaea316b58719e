using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Kaffediem.Protocol;

/// <summary>
/// The answers of the long-poll transport (docs/protocol.md, "Answers"): <c>{"status": s}</c>, and to polls
/// <c>{"status": s, "token": t, "messages": ["message", ...]}</c>, where each message is JSON in a JSON string.
/// </summary>
internal static class LongPollAnswer
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string ContentType = "application/json; charset=utf-8";

    // How much is escaped at a time; the result may be several times as long.
    private const int SegmentBytes = 16 * 1024;

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
        if (messages.Sum(message => (long)message.Length) > SliceBytes)
        {
            return await WriteLongAsync(context, status, token, messages, services);
        }

        var json = Encode(status, token, messages);
        Begin(context.Response, json.Length);
        context.Response.BodyWriter.Write(json.Span);
        if (!await FlushAsync(context, services))
        {
            return false;
        }

        await context.Response.CompleteAsync();
        return true;
    }

    // Encoded only as far as the client reads: its messages may hold a snapshot that many share, and each client would
    // have a copy of it otherwise.
    private static async Task<bool> WriteLongAsync(
        HttpContext context, int status, string token, IReadOnlyList<Frame> messages, SocketServices services)
    {
        context.Response.ContentType = ContentType;
        context.LimitUnsentBytes();
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, Relaxed);
        WriteHead(writer, status, token, reason: "");
        foreach (var message in messages)
        {
            foreach (var (segment, isLast) in Segments(message))
            {
                writer.WriteStringValueSegment(segment.Span, isLast);
                writer.Flush();
                if (context.Response.BodyWriter.UnflushedBytes >= SliceBytes && !await FlushAsync(context, services))
                {
                    return false;
                }
            }
        }

        WriteEnd(writer);
        writer.Flush();
        if (!await FlushAsync(context, services))
        {
            return false;
        }

        await context.Response.CompleteAsync();
        return true;
    }

    /// <returns>
    /// <c>false</c> when the connection has broken: Kestrel drops further bytes, and cancels RequestAborted.
    /// </returns>
    private static async Task<bool> FlushAsync(HttpContext context, SocketServices services)
    {
        var flushing = context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        // Kestrel alone would wait for as long as 240 bytes a second take: for hours.
        var result = flushing.IsCompletedSuccessfully
            ? flushing.Result
            : await flushing.AsTask().WaitAsync(services.Options.StallTimeout, services.Time);
        return !result.IsCompleted;
    }

    private static async Task WriteAsync(HttpResponse response, ReadOnlyMemory<byte> json)
    {
        Begin(response, json.Length);
        await response.Body.WriteAsync(json);
        await response.CompleteAsync();
    }

    private static void Begin(HttpResponse response, int length)
    {
        response.ContentType = ContentType;
        response.ContentLength = length;
    }

    private static ReadOnlyMemory<byte> Encode(
        int status, string? token, IReadOnlyList<Frame> messages, string reason = "")
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, Relaxed))
        {
            WriteHead(writer, status, token, reason);
            foreach (var (segment, isLast) in messages.SelectMany(Segments))
            {
                writer.WriteStringValueSegment(segment.Span, isLast);
            }

            WriteEnd(writer);
        }

        return json.WrittenMemory;
    }

    private static void WriteHead(Utf8JsonWriter writer, int status, string? token, string reason)
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
        }
    }

    // Ends the messages, where there are any.
    private static void WriteEnd(Utf8JsonWriter writer)
    {
        if (writer.CurrentDepth > 1)
        {
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    // A message is one JSON string.
    private static IEnumerable<(ReadOnlyMemory<byte> Bytes, bool IsLast)> Segments(Frame message)
    {
        yield return (message.HeadPayload, message.Shared.IsEmpty);
        for (var shared = message.Shared; !shared.IsEmpty; shared = shared[Math.Min(shared.Length, SegmentBytes)..])
        {
            yield return (shared[..Math.Min(shared.Length, SegmentBytes)], false);
        }

        if (!message.Shared.IsEmpty)
        {
            yield return (message.Tail, true);
        }
    }
}
