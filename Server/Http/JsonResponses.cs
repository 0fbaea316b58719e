using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Kaffediem.Server.Http;

/// <summary>Answers in JSON, written with source-generated metadata and a <c>Content-Length</c>.</summary>
internal static class JsonResponses
{
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        // Letters and quotes as they are: the JSON is served as JSON, never inside HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>The bare value.</summary>
    public static Task WriteJsonAsync<T>(this HttpContext context, int statusCode, T value, JsonTypeInfo<T> json) =>
        context.WriteJsonAsync(statusCode, writer => JsonSerializer.Serialize(writer, value, json));

    /// <summary>The list: <c>{"items": […]}</c>.</summary>
    public static Task WriteItemsAsync<T>(this HttpContext context, IReadOnlyList<T> items, JsonTypeInfo<T> json) =>
        context.WriteJsonAsync(StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items");
            foreach (var item in items)
            {
                JsonSerializer.Serialize(writer, item, json);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });

    /// <summary>Whatever is written.</summary>
    public static async Task WriteJsonAsync(this HttpContext context, int statusCode, Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>();
        await using (var writer = new Utf8JsonWriter(body, WriterOptions))
        {
            write(writer);
        }

        context.Response.StatusCode = statusCode;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }
}
