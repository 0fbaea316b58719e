using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Bodies;
using Kaffediem.Server.Identity;

namespace Kaffediem.Server.Records;

/// <summary>
/// The <c>Idempotency-Key</c> of a request (draft-ietf-httpapi-idempotency-key-header): the client's promise that
/// requests with this key are one request, sent again. Its quotes, where it has any, are part of it.
/// </summary>
internal static class IdempotencyHeader
{
    public const string Header = "Idempotency-Key";
    public const string Malformed = "must be 1 to 255 visible ASCII characters";

    private const int MaxLength = 255;
    private static readonly FieldError Reused = new(Header, "was used with another body");
    private static readonly FieldError UuidTaken = new("uuid", "has already been taken");

    /// <summary>Whether the key is well-formed, or missing.</summary>
    public static bool IsWellFormed(HttpRequest request) => request.Headers[Header] switch
    {
        [] => true,
        [{ Length: > 0 and <= MaxLength } key] => !key.AsSpan().ContainsAnyExceptInRange('!', '~'),
        _ => false,
    };

    /// <summary>
    /// The keys by which a retried request is recognised: this one, which belongs to the user, and the uuid that the
    /// client gives the record, which is unique among all.
    /// </summary>
    public static async Task<IReadOnlyList<IdempotencyKey>> ReadKeysAsync(
        HttpContext context, string collection, RequestBody body, string? uuid, Callers callers)
    {
        string? key = context.Request.Headers[Header];
        if (key is null && uuid is null)
        {
            return [];
        }

        var hash = await body.HashAsync(context.Request, context.RequestAborted);
        var keys = new List<IdempotencyKey>();
        if (key is not null)
        {
            var caller = await callers.FindAsync(context);
            keys.Add(new IdempotencyKey($"{caller.UserId()} {collection}", key, hash, Reused));
        }

        if (uuid is not null)
        {
            keys.Add(new IdempotencyKey($"{collection}.uuid", uuid, hash, UuidTaken));
        }

        return keys;
    }
}
