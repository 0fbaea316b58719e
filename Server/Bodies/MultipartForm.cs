using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Kaffediem.Server.Bodies;

/// <summary>
/// Reads a <c>multipart/form-data</c> body (RFC 7578). The framework's own reader takes every part without a file name
/// for text, which destroys an image. RFC 7578 §4.2 does not require a file name, and many clients that send bytes from
/// memory have none. Here such a part is a file if its type, or else its content, is not text.
/// </summary>
internal sealed class MultipartForm(HttpRequest request)
{
    private const string NoBoundary =
        "The Content-Type multipart/form-data needs a boundary of at most 128 characters.";
    private const string TooManyParts = "The form has too many parts.";

    // The framework's defaults.
    private static readonly FormOptions Limits = new();

    private readonly Dictionary<string, StringValues> _fields = new(StringComparer.Ordinal);
    private readonly FormFileCollection _files = [];

    /// <summary>Reads the body into the request's <see cref="HttpRequest.Form"/>.</summary>
    /// <returns>Its error; <c>null</c> if there is none.</returns>
    public async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        if (FindBoundary() is not { } boundary)
        {
            return NoBoundary;
        }

        var parts = new MultipartReader(boundary, request.Body)
        {
            HeadersCountLimit = Limits.MultipartHeadersCountLimit,
            HeadersLengthLimit = Limits.MultipartHeadersLengthLimit,
            BodyLengthLimit = Limits.MultipartBodyLengthLimit,
        };
        for (var count = 0; await parts.ReadNextSectionAsync(cancellationToken) is { } section; count++)
        {
            if (count == Limits.ValueCountLimit)
            {
                return TooManyParts;
            }

            var (part, fault) = FormPart.Read(section);
            if (part is null)
            {
                return fault;
            }

            await AddAsync(part, cancellationToken);
        }

        request.Form = new FormCollection(_fields, _files);
        return null;
    }

    private string? FindBoundary()
    {
        var boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.ContentType).Boundary);
        return StringSegment.IsNullOrEmpty(boundary) || boundary.Length > Limits.MultipartBoundaryLengthLimit
            ? null
            : boundary.ToString();
    }

    private async Task AddAsync(FormPart part, CancellationToken cancellationToken)
    {
        if (!StringSegment.IsNullOrEmpty(part.FileName) || !IsText(part.Type))
        {
            var buffer = new FileBufferingReadStream(part.Section.Body, Limits.MemoryBufferThreshold);
            request.HttpContext.Response.RegisterForDispose(buffer);
            await buffer.DrainAsync(cancellationToken);
            AddFile(part, buffer);
            return;
        }

        var content = new MemoryStream();
        await part.Section.Body.CopyToAsync(content, cancellationToken);
        if (Decode(content, part.Encoding) is not { } text)
        {
            AddFile(part, content);
        }
        else if (!IsUntouched(part.FileName, content))
        {
            _fields[part.Name] = text;
        }
    }

    private void AddFile(FormPart part, Stream content)
    {
        if (!IsUntouched(part.FileName, content))
        {
            _files.Add(new FormFile(content, 0, content.Length, part.Name, part.FileName.ToString())
            {
                Headers = new HeaderDictionary(part.Section.Headers),
            });
        }
    }

    // HTML "constructing the entry list": a file input in which nothing was picked is an empty file with an empty name.
    // Plug skips it, too.
    private static bool IsUntouched(StringSegment fileName, Stream content) =>
        fileName is { HasValue: true, Length: 0 } && content.Length == 0;

    // RFC 7578 §4.4: a part without a type is text/plain. JSON is the text of a field, too.
    private static bool IsText(MediaTypeHeaderValue? type) =>
        type is null
        || type.Type.Equals("text", StringComparison.OrdinalIgnoreCase)
        || type.SubTypeWithoutSuffix.Equals("json", StringComparison.OrdinalIgnoreCase)
        || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);

    /// <summary>Decodes a text; <c>null</c> when the bytes are not the UTF-8 that they should be.</summary>
    private static string? Decode(MemoryStream content, Encoding? charset)
    {
        var bytes = content.GetBuffer().AsSpan(0, (int)content.Length);
        if (charset is not null && charset.CodePage != Encoding.UTF8.CodePage)
        {
            return charset.GetString(bytes);
        }

        return !Utf8.IsValid(bytes) ? null
            : Encoding.UTF8.GetString(
                bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes);
    }
}
