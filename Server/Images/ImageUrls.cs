using System.Buffers;
using System.Text;
using System.Text.Json;
using Kaffediem.Protocol;

namespace Kaffediem.Server.Images;

/// <summary>
/// Between the two forms of an uploaded image's address: stored it has no host, <c>/uploads/…</c>, so that the shop can
/// move; served it is absolute, because the front end lies on another origin (docs/rest.md, "Images"). Any other
/// address, be it of another site or a bare name in an old database, is the same in both.
/// </summary>
internal sealed class ImageUrls(ImageOptions options)
{
    /// <summary>Where images are served; a stored address of ours is this and a name.</summary>
    public const string Path = "/uploads/";

    private readonly string? _publicUrl =
        options.PublicUrl is { } url ? InOneSpelling(new Uri(url).AbsoluteUri.TrimEnd('/')) : null;

    // A quote inside a JSON string is escaped, so in compact JSON these bytes can only be the property.
    private static ReadOnlySpan<byte> StoredProperty => "\"image\":\"/uploads/"u8;

    /// <summary>
    /// What stands before <c>/uploads</c> in the answer to a request: <c>https://api.shop.example</c>.
    /// </summary>
    public string BaseOf(HttpRequest request) =>
        _publicUrl ?? RequestedBase(request);

    /// <inheritdoc cref="BaseOf(HttpRequest)"/>
    public string BaseOf(Uri requestUri) =>
        _publicUrl ?? InOneSpelling(requestUri.GetLeftPart(UriPartial.Authority)) ?? "";

    /// <summary>The name in a stored address; <c>null</c> when it is not one of ours.</summary>
    public static string? NameIn(string? image) =>
        image?.StartsWith(Path, StringComparison.Ordinal) == true
        && ImageName.KindOf(image.AsSpan(Path.Length)) is not null
            ? image[Path.Length..]
            : null;

    /// <summary>
    /// The image of ours that an address names, be it stored, public or as the request knows this server;
    /// <c>null</c> when it is somewhere else.
    /// </summary>
    public string? FindOwn(string? address, HttpRequest request) =>
        NameIn(address)
        ?? (InOneSpelling(address) is { } url
            ? NameUnder(_publicUrl, url) ?? NameUnder(RequestedBase(request), url)
            : null);

    /// <summary>Makes a stored address absolute; one that is not of ours stays.</summary>
    public static string? MakeAbsolute(string? image, string baseUrl) =>
        NameIn(image) is null ? image : baseUrl + image;

    /// <summary>
    /// Makes the stored addresses absolute in records as <see cref="Persistence.Catalog.CatalogJson"/> writes them,
    /// however deep; returns the same memory when there are none.
    /// </summary>
    public static ReadOnlyMemory<byte> MakeAbsolute(ReadOnlyMemory<byte> json, string baseUrl)
    {
        var rest = json.Span;
        var next = FindStored(rest);
        if (next < 0)
        {
            return json;
        }

        // The host may come from a request: it must not end the string it is put into.
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

    // A request of HTTP/1.0 need not say which host it is for.
    private static string RequestedBase(HttpRequest request) =>
        Origin.From(request) is { } origin ? $"{origin}{request.PathBase.ToUriComponent()}" : "";

    private static string? NameUnder(string? baseUrl, string url) =>
        baseUrl is { Length: > 0 } && url.StartsWith(baseUrl, StringComparison.OrdinalIgnoreCase)
            ? NameIn(url[baseUrl.Length..])
            : null;

    // The address with its origin as Origin spells it; null when it has none.
    private static string? InOneSpelling(string? address)
    {
        var host = address?.IndexOf("://", StringComparison.Ordinal) ?? -1;
        if (host < 0)
        {
            return null;
        }

        var path = address!.IndexOf('/', host + "://".Length) is >= 0 and var slash ? slash : address.Length;
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
