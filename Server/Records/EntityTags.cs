using System.Buffers.Text;
using System.Security.Cryptography;
using Kaffediem.Server.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Kaffediem.Server.Records;

/// <summary>
/// <c>ETag</c> and <c>If-None-Match</c>: clients are not sent what they have already (RFC 9110 §8.8.3, §13.1.2).
/// </summary>
/// <remarks>
/// <code>
/// tag     = DQUOTE version [ "." host ] DQUOTE
/// version = 22 characters of base64url: a hash of the list as it is sent, or of the record as it is stored
/// host    = 22 characters of base64url: a hash of the record as it is sent, if that is not what is stored
/// </code>
/// A record with an uploaded image is sent with the address of the host that was asked. Its tag as a whole stands for
/// these bytes, its version for the record: a client that has read it under one host may write it under another.
/// </remarks>
internal static class EntityTags
{
    private const int HashLength = 16;
    private const int VersionLength = 22;
    private const char HostSeparator = '.';

    // Apache adds these to the tags of what it has compressed (DeflateAlterETag, BrotliAlterETag: AddSuffix, the
    // default).
    private static readonly string[] ProxySuffixes = ["-gzip", "-br"];

    /// <summary>The strong tag of an answer's bytes: the same tag, the same bytes.</summary>
    public static EntityTagHeaderValue Of(ReadOnlySpan<byte> json) => new($"\"{Hash(json)}\"");

    /// <summary>The same, of an answer in pieces.</summary>
    public static EntityTagHeaderValue Of(IEnumerable<ReadOnlyMemory<byte>> json)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var piece in json)
        {
            hash.AppendData(piece.Span);
        }

        return new($"\"{Encode(hash.GetHashAndReset())}\"");
    }

    /// <summary>The tag of a record.</summary>
    /// <param name="stored">The record as it is stored.</param>
    /// <param name="sent">The record as it is sent under the host that was asked.</param>
    public static EntityTagHeaderValue Of(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> sent) =>
        stored.SequenceEqual(sent)
            ? Of(stored)
            : new EntityTagHeaderValue($"\"{Hash(stored)}{HostSeparator}{Hash(sent)}\"");

    /// <summary>Answers 200 with the JSON and its tag, or 304 to a client that names the tag.</summary>
    public static Task WriteReadAsync(this HttpContext context, ReadOnlyMemory<byte> json, EntityTagHeaderValue tag) =>
        context.WriteReadAsync(tag, () => context.WriteJsonAsync(StatusCodes.Status200OK, json));

    /// <inheritdoc cref="WriteReadAsync(HttpContext, ReadOnlyMemory{byte}, EntityTagHeaderValue)"/>
    public static Task WriteReadAsync(this HttpContext context, PooledBytes json, EntityTagHeaderValue tag) =>
        context.WriteReadAsync(tag, () => context.WriteJsonAsync(StatusCodes.Status200OK, json));

    /// <summary>304.</summary>
    public static void WriteNotModified(this HttpContext context, EntityTagHeaderValue tag)
    {
        context.SetReadHeaders(tag);
        context.Response.StatusCode = StatusCodes.Status304NotModified;
    }

    /// <summary>Whether the client has what the tag stands for. A header that is malformed names no tag.</summary>
    public static bool Knows(HttpRequest request, EntityTagHeaderValue tag)
    {
        var header = request.Headers.IfNoneMatch;
        return !StringValues.IsNullOrEmpty(header)
            && EntityTagHeaderValue.TryParseStrictList(header, out var known)
            && known.Any(one => one.Equals(EntityTagHeaderValue.Any) || AsSent(one) == AsSent(tag));
    }

    /// <summary>
    /// Whether a client's tag is one of the same version of a record, under whatever host it was read.
    /// </summary>
    public static bool IsSameVersion(EntityTagHeaderValue clients, EntityTagHeaderValue current) =>
        VersionOf(clients) == VersionOf(current);

    private static string Hash(ReadOnlySpan<byte> json)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, hash);
        return Encode(hash);
    }

    private static Task WriteReadAsync(this HttpContext context, EntityTagHeaderValue tag, Func<Task> writeBody)
    {
        if (Knows(context.Request, tag))
        {
            context.WriteNotModified(tag);
            return Task.CompletedTask;
        }

        context.SetReadHeaders(tag);
        return writeBody();
    }

    private static string Encode(ReadOnlySpan<byte> hash) => Base64Url.EncodeToString(hash[..HashLength]);

    private static string VersionOf(EntityTagHeaderValue tag) => AsSent(tag).Split(HostSeparator)[0];

    // The tag that this server sent: without the quotes, and without the W/ and the suffix that a proxy adds.
    private static string AsSent(EntityTagHeaderValue tag)
    {
        var text = tag.Tag.ToString().Trim('"');
        var suffix = Array.Find(ProxySuffixes, suffix => text.EndsWith(suffix, StringComparison.Ordinal));
        return suffix is null || text.Length - suffix.Length < VersionLength ? text : text[..^suffix.Length];
    }

    // With a tag a browser may keep the answer, but has to ask each time whether it is still valid, as with Kaffebase.
    private static void SetReadHeaders(this HttpContext context, EntityTagHeaderValue tag)
    {
        context.Response.Headers.ETag = tag.ToString();
        context.Response.Headers.CacheControl = "max-age=0, private, must-revalidate";
    }
}
