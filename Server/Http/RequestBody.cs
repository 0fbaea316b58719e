using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Kaffediem.Server.Images;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Kaffediem.Server.Http;

/// <summary>
/// A request's body as one JSON value. A form's text fields become strings, its files stay with the request; a body of
/// any other type has no fields.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    // What the form reader makes of bytes that are not UTF-8.
    private const char Replacement = '\uFFFD';

    // A photo as a good camera takes it.
    private const long MaxReadOut = 100_000_000;

    private static readonly byte[] NoFields = "{}"u8.ToArray();
    private readonly ReadOnlyMemory<byte> _json;
    private readonly JsonDocument _document;

    private RequestBody(ReadOnlyMemory<byte> json)
    {
        _json = json;
        _document = JsonDocument.Parse(json);
    }

    /// <summary>The body's value; of whatever kind the client sent.</summary>
    public JsonElement Root => _document.RootElement;

    /// <summary>
    /// SHA-256 of what was sent: JSON as its bytes; a form as its fields and files, for its boundary may be another one
    /// each time.
    /// </summary>
    public async Task<byte[]> HashAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        IReadOnlyList<IFormFile> files = request.HasFormContentType ? request.Form.Files : [];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // Hashes of parts are all of one length: no two bodies look alike when they are put one after the other.
        hash.AppendData([request.HasFormContentType ? (byte)1 : (byte)0]);
        hash.AppendData(SHA256.HashData(_json.Span));
        foreach (var file in files)
        {
            hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(file.Name)));
            hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(file.FileName)));
            await using var content = file.OpenReadStream();
            hash.AppendData(await SHA256.HashDataAsync(content, cancellationToken));
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Reads the body; <c>null</c> when it is malformed or broken off.</summary>
    /// <exception cref="BadHttpRequestException">The body is larger than the server accepts.</exception>
    public static async Task<RequestBody?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        // Kestrel's own reader keeps what has been looked at and not taken, and fails over it when the client goes.
        request.HttpContext.Features.Set<IRequestBodyPipeFeature>(new RequestBodyPipeFeature(request.HttpContext));
        var context = request.HttpContext;
        var cutOff = context.RequestServices.GetRequiredService<IncompleteRequests>().CutOff;
        using var abort = cutOff.UnsafeRegister(static context => ((HttpContext)context!).Abort(), context);
        try
        {
            await RefuseTooLargeAsync(request, cancellationToken);
            return request.HasFormContentType ? await ReadFormAsync(request, cancellationToken)
                : request.HasJsonContentType() ? await ReadJsonAsync(request.BodyReader, cancellationToken)
                : new RequestBody(NoFields);
        }
        catch (ConnectionResetException)
        {
            request.HttpContext.Abort(); // or Kestrel looks for the rest of the body, and logs an error
            return null;
        }
        catch (OperationCanceledException) when (cutOff.IsCancellationRequested)
        {
            return null; // aborted above
        }
        // IOException: a form that ends too early. BadHttpRequestException is one, too, but has a status of its own;
        // and so are the faults of the folder into which the framework puts a large form.
        catch (Exception exception) when (exception is JsonException or InvalidDataException
            || (exception is IOException and not BadHttpRequestException && !UploadFault.IsFileFault(exception)))
        {
            return null;
        }
    }

    public void Dispose() => _document.Dispose();

    // Kestrel would hang up while the rest is still being sent, and a browser reports that rather than the answer. So a
    // body that is not absurdly large is read out first.
    private static async Task RefuseTooLargeAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var limit = request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>();
        if (limit is not { IsReadOnly: false } || request.ContentLength is null or > MaxReadOut
            || !(request.ContentLength > limit.MaxRequestBodySize))
        {
            return;
        }

        limit.MaxRequestBodySize = request.ContentLength;
        await request.Body.CopyToAsync(Stream.Null, cancellationToken);
        throw new BadHttpRequestException("Request body too large.", StatusCodes.Status413PayloadTooLarge);
    }

    private static async Task<RequestBody?> ReadJsonAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        var body = await reader.ReadAsync(cancellationToken);
        while (!body.IsCompleted)
        {
            reader.AdvanceTo(body.Buffer.Start, body.Buffer.End);
            body = await reader.ReadAsync(cancellationToken);
        }

        var json = body.Buffer.ToArray();
        reader.AdvanceTo(body.Buffer.End);
        return json.Length == 0 ? new RequestBody(NoFields)
            : IsUnicode(json) ? new RequestBody(json)
            : null;
    }

    private static async Task<RequestBody?> ReadFormAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var form = await request.ReadFormAsync(cancellationToken);
        if (form.Any(field => field.Key.Contains(Replacement) || field.Value[^1]!.Contains(Replacement)))
        {
            return null;
        }

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

        return new RequestBody(json.WrittenMemory);
    }

    // System.Text.Json looks at neither the bytes nor the escapes inside a string before somebody asks for its text,
    // and then throws; such a body is malformed as a whole.
    private static bool IsUnicode(ReadOnlySpan<byte> json) =>
        Utf8.IsValid(json) && (json.IndexOf("\\u"u8) < 0 || HasOnlyWholeSurrogates(json));

    private static bool HasOnlyWholeSurrogates(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    reader.GetString();
                }
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
