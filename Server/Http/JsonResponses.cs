using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Kaffediem.Server.Admission;

namespace Kaffediem.Server.Http;

/// <summary>Answers in JSON, written with source-generated metadata and a <c>Content-Length</c>.</summary>
internal static class JsonResponses
{
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        // Leaves letters and quotes unescaped: the JSON is served as JSON, never inside HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>Answers with a value.</summary>
    public static Task WriteJsonAsync<T>(this HttpContext context, int statusCode, T value, JsonTypeInfo<T> json) =>
        context.WriteJsonAsync(statusCode, writer => JsonSerializer.Serialize(writer, value, json));

    /// <summary>Answers with the JSON that a delegate writes.</summary>
    public static Task WriteJsonAsync(this HttpContext context, int statusCode, Action<Utf8JsonWriter> write) =>
        context.WriteJsonAsync(statusCode, Encode(write));

    /// <summary>Answers with encoded JSON.</summary>
    public static async Task WriteJsonAsync(this HttpContext context, int statusCode, ReadOnlyMemory<byte> json)
    {
        if (context.Begin(statusCode, json.Length) is { } answers)
        {
            await answers.SendAsync(context, [json], json.Length);
            return;
        }

        // Without the request's token: writing to a client that has gone sends nothing; this is not an error.
        await context.Response.BodyWriter.WriteAsync(json);
    }

    /// <summary>Answers with encoded JSON that may be long.</summary>
    public static async Task WriteJsonAsync(this HttpContext context, int statusCode, PooledBytes json)
    {
        if (context.Begin(statusCode, json.Length) is { } answers)
        {
            await answers.SendAsync(context, json.Pieces, json.Length);
            return;
        }

        foreach (var piece in json.Pieces)
        {
            await context.Response.BodyWriter.WriteAsync(piece);
        }
    }

    /// <summary>Encodes an answer that may be long. Dispose of the result when it has been sent.</summary>
    public static PooledBytes EncodeLong(Action<Utf8JsonWriter> write)
    {
        var body = new PooledBytes();
        try
        {
            using var writer = new Utf8JsonWriter(body, WriterOptions);
            write(writer);
        }
        catch
        {
            body.Dispose();
            throw;
        }

        return body;
    }

    /// <summary>Encodes an answer.</summary>
    public static ReadOnlyMemory<byte> Encode(Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body, WriterOptions))
        {
            write(writer);
        }

        return body.WrittenMemory;
    }

    // Sets the headers. Returns the sender for a long body, and null for a short one.
    private static LongAnswers? Begin(this HttpContext context, int statusCode, long length)
    {
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = length;
        return length > PacedOutput.SliceBytes ? context.RequestServices.GetRequiredService<LongAnswers>() : null;
    }
}
