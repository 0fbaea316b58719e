using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Kaffediem.Protocol;
using Kaffediem.Server.Http;
using Kaffediem.Server.Pipeline;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Kaffediem.Server.Bodies;

/// <summary>
/// A request's body as one JSON value. A form's text fields become strings, its files stay with the request. A request
/// without a body has no fields; a body of any other type is refused.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    // A photo as a good camera takes it.
    private const long MaxReadOut = 100_000_000;

    private const string BrokenForm = "The form is malformed, or ends too early.";

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

    /// <summary>Reads the body, or says why it cannot be read.</summary>
    /// <exception cref="BadHttpRequestException">The body is larger than the server accepts.</exception>
    public static async Task<(RequestBody? Body, BodyRefusal? Refusal)> ReadAsync(
        HttpRequest request, CancellationToken cancellationToken)
    {
        // Kestrel's own reader keeps what has been looked at and not taken, and fails over it when the client goes.
        request.HttpContext.Features.Set<IRequestBodyPipeFeature>(new RequestBodyPipeFeature(request.HttpContext));
        var context = request.HttpContext;
        var cutOff = context.RequestServices.GetRequiredService<IncompleteRequests>().CutOff;
        using var abort = cutOff.UnsafeRegister(static state => (state as HttpContext)?.Abort(), context);
        try
        {
            await RefuseTooLargeAsync(request, cancellationToken);
            CountedBody.Count(request);
            var refusal = await FindRefusalAsync(request, cancellationToken);
            return refusal is not null ? (null, refusal)
                : !HasBody(request) ? (new RequestBody(NoFields), null)
                : request.HasFormContentType ? (new RequestBody(FormBody.ToJson(request.Form)), null)
                : await ReadJsonAsync(request.BodyReader, cancellationToken);
        }
        catch (BodyBudgetException exception)
        {
            return (null, exception.Result == HoldResult.TooMuchOfClient
                ? BodyRefusal.TooMuchOfClient
                : BodyRefusal.TooMuchInAll);
        }
        catch (ConnectionResetException)
        {
            request.HttpContext.Abort(); // or Kestrel looks for the rest of the body, and logs an error
            return (null, BodyRefusal.Malformed(BrokenForm));
        }
        catch (OperationCanceledException) when (cutOff.IsCancellationRequested)
        {
            return (null, BodyRefusal.Malformed(BrokenForm)); // aborted above
        }
        // IOException: a form that ends too early. BadHttpRequestException is one, too, but has a status of its own;
        // and so are the faults of the folder into which a large form is put.
        catch (Exception exception) when (exception is InvalidDataException
            || (exception is IOException and not BadHttpRequestException && !UploadFault.IsFileFault(exception)))
        {
            return (null, BodyRefusal.Malformed(BrokenForm));
        }
    }

    public void Dispose() => _document.Dispose();

    // Kestrel would hang up while the rest is still being sent, and a browser reports that rather than the answer. So a
    // body that is not absurdly large is read out first.
    private static async Task RefuseTooLargeAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var limit = request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>();
        if (limit is not { IsReadOnly: false, MaxRequestBodySize: { } max }
            || request.ContentLength is not { } length
            || length <= max
            || length > MaxReadOut)
        {
            return;
        }

        limit.MaxRequestBodySize = length;
        await request.Body.CopyToAsync(Stream.Null, cancellationToken);
        throw new BadHttpRequestException("Request body too large.", StatusCodes.Status413PayloadTooLarge);
    }

    /// <summary>Looks at the type of the body, and reads it if it is a form.</summary>
    private static async Task<BodyRefusal?> FindRefusalAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!HasBody(request))
        {
            if (request.HasFormContentType)
            {
                request.Form = FormCollection.Empty; // The framework would look for the first boundary.
            }

            return null;
        }

        return HasContentCoding(request) ? BodyRefusal.Encoded
            : request.HasJsonContentType() ? null
            : request.HasFormContentType ? await FormBody.ReadAsync(request, cancellationToken)
            : BodyRefusal.WrongType;
    }

    private static bool HasBody(HttpRequest request) =>
        request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };

    // RFC 9110 §8.4.1: identity is not a coding, but some clients send it.
    private static bool HasContentCoding(HttpRequest request) =>
        request.Headers.ContentEncoding.Any(coding =>
            !string.IsNullOrWhiteSpace(coding)
                && !coding.Trim().Equals("identity", StringComparison.OrdinalIgnoreCase));

    private static async Task<(RequestBody? Body, BodyRefusal? Refusal)> ReadJsonAsync(
        PipeReader reader, CancellationToken cancellationToken)
    {
        var body = await reader.ReadAsync(cancellationToken);
        while (!body.IsCompleted)
        {
            reader.AdvanceTo(body.Buffer.Start, body.Buffer.End);
            body = await reader.ReadAsync(cancellationToken);
        }

        var json = body.Buffer.ToArray();
        reader.AdvanceTo(body.Buffer.End);
        return json.Length == 0 ? (new RequestBody(NoFields), null)
            : TryParse(json) is { } parsed ? (parsed, null)
            : (null, BodyRefusal.Malformed(JsonFault.Describe(json)));
    }

    private static RequestBody? TryParse(byte[] json)
    {
        try
        {
            return IsUnicode(json) ? new RequestBody(json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
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
