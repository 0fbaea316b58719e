using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Kaffediem.Protocol;

/// <summary>The content of a long-poll token: the session, and up to which message the client has received.</summary>
internal readonly record struct LongPollToken(Guid SessionId, long Received)
{
    /// <summary>The number in the first token of a session, which acknowledges nothing.</summary>
    public const long Opening = -1;
}

/// <summary>
/// Signs and reads the tokens of long-poll sessions (docs/protocol.md, "Tokens"). Every process has its own key,
/// because sessions live in its memory. Every answer holds a new token, so that the next poll shows what has arrived.
/// </summary>
internal sealed class LongPollTokens(TimeProvider time)
{
    // As Phoenix's: 1,209,600 s.
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(14);

    // token = base64url(session id (16) | received (8) | issued at, unix seconds (8) | HMAC-SHA-256 of those (32))
    private const int SignedBytes = 32;
    private const int TokenBytes = SignedBytes + HMACSHA256.HashSizeInBytes;

    // Made for the first session: most servers have none, and OpenSSL is 5 MB.
    private readonly Lazy<byte[]> _key = new(() => RandomNumberGenerator.GetBytes(32));

    public string Sign(LongPollToken token)
    {
        Span<byte> bytes = stackalloc byte[TokenBytes];
        token.SessionId.TryWriteBytes(bytes);
        BinaryPrimitives.WriteInt64BigEndian(bytes[16..], token.Received);
        BinaryPrimitives.WriteInt64BigEndian(bytes[24..], time.GetUtcNow().ToUnixTimeSeconds());
        HMACSHA256.HashData(_key.Value, bytes[..SignedBytes], bytes[SignedBytes..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <returns><c>null</c> for what was not signed here, or too long ago.</returns>
    public LongPollToken? Read(string? text)
    {
        Span<byte> bytes = stackalloc byte[TokenBytes];
        if (Base64Url.DecodeFromChars(text, bytes, out _, out var length) != OperationStatus.Done
            || length != TokenBytes)
        {
            return null;
        }

        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key.Value, bytes[..SignedBytes], signature);
        var issuedAt = BinaryPrimitives.ReadInt64BigEndian(bytes[24..]);
        return CryptographicOperations.FixedTimeEquals(signature, bytes[SignedBytes..])
            && time.GetUtcNow().ToUnixTimeSeconds() - issuedAt < MaxAge.TotalSeconds
                ? new LongPollToken(new Guid(bytes[..16]), BinaryPrimitives.ReadInt64BigEndian(bytes[16..]))
                : null;
    }
}
