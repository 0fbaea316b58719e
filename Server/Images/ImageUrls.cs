using System.Buffers;
using System.Text;
using System.Text.Json;
using Kaffediem.Protocol;

namespace Kaffediem.Server.Images;

/// <summary>
/// Converts between the two forms of an uploaded image's address. The stored form has no host, <c>/uploads/…</c>, so
/// that the shop can move. The served form is absolute, because the front end has another origin (docs/rest.md,
/// "Images"). Any other address, of another site or a bare name in an old database, is the same in both.
/// </summary>
internal sealed class ImageUrls(ImageOptions options)
{
    /// <summary>The path of the images; a stored address consists of it and a name.</summary>
    public const string Path = "/uploads/";

    private readonly string? _publicUrl =
        options.PublicUrl is { } url ? InOneSpelling(new Uri(url).AbsoluteUri.TrimEnd('/')) : null;

    // In compact JSON these bytes can only be the property, because a quote inside a string is escaped.
    private static ReadOnlySpan<byte> StoredProperty => "\"image\":\"/uploads/"u8;

    /// <summary>
    /// The beginning of the images' addresses in the answer to a request, for example <c>https://api.shop.example</c>.
    /// </summary>
    public string BaseOf(HttpRequest request) =>
        _publicUrl ?? RequestedBase(request);

    /// <inheritdoc cref="BaseOf(HttpRequest)"/>
    public string BaseOf(Uri requestUri) =>
        _publicUrl ?? InOneSpelling(requestUri.GetLeftPart(UriPartial.Authority)) ?? "";

    /// <summary>The image's name in a stored address; <c>null</c> for other addresses.</summary>
    public static string? NameIn(string? image) =>
        image?.StartsWith(Path, StringComparison.Ordinal) == true
        && ImageName.KindOf(image.AsSpan(Path.Length)) is not null
            ? image[Path.Length..]
            : null;

    /// <summary>
    /// The name of the image that an address points to, in its stored form, under the public URL or under the host of
    /// the request; <c>null</c> if the address is not this server's.
    /// </summary>
    public string? FindOwn(string? address, HttpRequest request) =>
        NameIn(address)
        ?? (InOneSpelling(address) is { } url
            ? NameUnder(_publicUrl, url) ?? NameUnder(RequestedBase(request), url)
            : null);

    /// <summary>Makes a stored address absolute; other addresses stay as they are.</summary>
    public static string? MakeAbsolute(string? image, string baseUrl) =>
        NameIn(image) is null ? image : baseUrl + image;

    /// <summary>
    /// Makes the stored addresses absolute in records as <see cref="Persistence.Catalog.CatalogJson"/> writes them, at
    /// any depth. Returns the same memory if there are none.
    /// </summary>
    public static ReadOnlyMemory<byte> MakeAbsolute(ReadOnlyMemory<byte> json, string baseUrl)
    {
        var rest = json.Span;
        var next = FindStored(rest);
        if (next < 0)
        {
            return json;
        }

        // The host may come from a request, so it is escaped: it must not end the string.
        var encodedBase = JsonEncodedText.Encode(baseUrl).EncodedUtf8Bytes;
        var result = new ArrayBufferWriter<byte>(json.Length + (16 * encodedBase.Length));
        for (; next >= 0; next = FindStored(rest))
        {
            result.Write(rest[..next]);
            result.Write(encodedBase);
            result.Write("/"u8);
            rest = rest[(next + 1)..];
        }

        result.Write(rest);
        return result.WrittenMemory;
    }

    // An HTTP/1.0 request need not name a host.
    private static string RequestedBase(HttpRequest request) =>
        Origin.From(request) is { } origin ? $"{origin}{request.PathBase.ToUriComponent()}" : "";

    private static string? NameUnder(string? baseUrl, string url) =>
        baseUrl is { Length: > 0 } && url.StartsWith(baseUrl, StringComparison.OrdinalIgnoreCase)
            ? NameIn(url[baseUrl.Length..])
            : null;

    // The address with its origin as Origin spells it; null if it has no origin.
    private static string? InOneSpelling(string? address)
    {
        if (address is null || address.IndexOf("://", StringComparison.Ordinal) is not (>= 0 and var host))
        {
            return null;
        }

        var path = address.IndexOf('/', host + "://".Length) is >= 0 and var slash ? slash : address.Length;
        return Origin.TryParse(address[..path], out var origin) ? $"{origin}{address[path..]}" : null;
    }

    // Where the next stored address begins, or -1.
    private static int FindStored(ReadOnlySpan<byte> json)
    {
        for (var at = 0; json[at..].IndexOf(StoredProperty) is >= 0 and var found;)
        {
            at += found + StoredProperty.Length;
            if (StartsWithName(json[at..]))
            {
                return at - Path.Length;
            }
        }

        return -1;
    }

    private static bool StartsWithName(ReadOnlySpan<byte> json)
    {
        var window = json[..Math.Min(json.Length, ImageName.MaxLength + 1)];
        var length = window.IndexOf((byte)'"');
        return length >= 0 && ImageName.KindOf(Encoding.ASCII.GetString(window[..length])) is not null;
    }
}
