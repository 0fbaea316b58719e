using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Kaffediem.Server.Http;

/// <summary><c>ETag</c> and <c>If-None-Match</c>: nobody is sent what they have (RFC 9110 §8.8.3, §13.1.2).</summary>
internal static class EntityTags
{
    private const int TagLength = 16;

    /// <summary>The strong tag of an answer's bytes: the same tag, the same bytes.</summary>
    public static EntityTagHeaderValue Of(ReadOnlySpan<byte> json)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, hash);
        return new EntityTagHeaderValue($"\"{Base64Url.EncodeToString(hash[..TagLength])}\"");
    }

    /// <summary>Answers 200 with the JSON and its tag, or 304 to a client that names the tag.</summary>
    public static Task WriteReadAsync(this HttpContext context, ReadOnlyMemory<byte> json, EntityTagHeaderValue tag)
    {
        if (Knows(context.Request, tag))
        {
            context.WriteNotModified(tag);
            return Task.CompletedTask;
        }

        context.SetReadHeaders(tag);
        return context.WriteJsonAsync(StatusCodes.Status200OK, json);
    }

    /// <summary>304.</summary>
    public static void WriteNotModified(this HttpContext context, EntityTagHeaderValue tag)
    {
        context.SetReadHeaders(tag);
        context.Response.StatusCode = StatusCodes.Status304NotModified;
    }

    /// <summary>Gives the answer to a write the tag that a read of the record would have.</summary>
    public static void SetTag(this HttpContext context, ReadOnlyMemory<byte> json) =>
        context.Response.Headers.ETag = Of(json.Span).ToString();

    /// <summary>Whether the client has what the tag stands for. A header that is malformed names no tag.</summary>
    public static bool Knows(HttpRequest request, EntityTagHeaderValue tag)
    {
        var header = request.Headers.IfNoneMatch;
        return !StringValues.IsNullOrEmpty(header)
            && EntityTagHeaderValue.TryParseStrictList(header, out var known)
            && known.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(tag, useStrongComparison: false));
    }

    // With a tag a browser may keep the answer; it has to ask each time whether it is still good, as for Kaffebase's.
    private static void SetReadHeaders(this HttpContext context, EntityTagHeaderValue tag)
    {
        context.Response.Headers.ETag = tag.ToString();
        context.Response.Headers.CacheControl = "max-age=0, private, must-revalidate";
    }
}
