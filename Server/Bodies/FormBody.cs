using System.Buffers;
using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace Kaffediem.Server.Bodies;

/// <summary>
/// Reads a form into the request's <see cref="HttpRequest.Form"/>, and its text fields as one JSON object.
/// </summary>
internal static class FormBody
{
    // What the framework's reader makes of bytes that are not UTF-8.
    private const char Replacement = '\uFFFD';

    private const string WrongCharset = "The form has a charset that is not supported: send it in UTF-8.";

    /// <summary>Reads the form; returns why it cannot be read, or <c>null</c>.</summary>
    public static async Task<BodyRefusal?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) != true)
        {
            return await ReadUrlEncodedAsync(request, cancellationToken);
        }

        var fault = await new MultipartForm(request).ReadAsync(cancellationToken);
        return fault is null ? null : BodyRefusal.Malformed(fault);
    }

    /// <summary>
    /// The text fields as a JSON object. Of a field that is sent several times the last value counts.
    /// </summary>
    public static ReadOnlyMemory<byte> ToJson(IFormCollection form)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            foreach (var (name, values) in form)
            {
                writer.WriteString(name, values[^1]);
            }

            writer.WriteEndObject();
        }

        return json.WrittenMemory;
    }

    private static async Task<BodyRefusal?> ReadUrlEncodedAsync(
        HttpRequest request, CancellationToken cancellationToken)
    {
        if (!Charset.TryFind(MediaTypeHeaderValue.Parse(request.ContentType), out _))
        {
            return BodyRefusal.Malformed(WrongCharset);
        }

        // Not even the first name of a real form begins so: clients encode braces and brackets (WHATWG URL §5.2).
        var begin = await request.BodyReader.ReadAsync(cancellationToken);
        var looksLikeJson = begin.Buffer.FirstSpan.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];
        request.BodyReader.AdvanceTo(begin.Buffer.Start);
        if (looksLikeJson)
        {
            return BodyRefusal.JsonAsForm;
        }

        var form = await request.ReadFormAsync(cancellationToken);
        return form.Any(field => field.Key.Contains(Replacement) || field.Value[^1]?.Contains(Replacement) == true)
            ? BodyRefusal.Malformed("The form is not UTF-8.")
            : null;
    }
}
