using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Protocol;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Accounts;

/// <summary>
/// The session a browser's cookie stands for. The cookie holds a random token, the database only its hash: who reads
/// the database cannot sign in with what is found there.
/// </summary>
internal sealed class CookieSession(
    SessionStore sessions, PhoenixEndpoint endpoint, CrossOriginOptions crossOrigin, TimeProvider time)
{
    public const string CookieName = "_kaffediem_session";
    private const int TokenLength = 32;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(14);

    // The user of the request, once it is known: several parts of the server ask for it.
    private static readonly object UserItem = new();

    /// <summary>The user whose session the request carries; <c>null</c> without one, or when it has ended.</summary>
    public async Task<User?> FindUserAsync(HttpContext context)
    {
        if (context.Items.TryGetValue(UserItem, out var known))
        {
            return (User?)known;
        }

        if (ReadTokenHash(context) is not { } hash)
        {
            return null;
        }

        var user = await sessions.FindUserAsync(hash, time.GetUtcNow(), context.RequestAborted);
        context.Items[UserItem] = user;
        return user;
    }

    /// <summary>Starts a session and ends the one the request carries, if any.</summary>
    /// <returns>Whether it has: not if the user has gone or has another password by now.</returns>
    public async Task<bool> StartAsync(HttpContext context, User user)
    {
        await DeleteAsync(context);
        var token = RandomNumberGenerator.GetBytes(TokenLength);
        var expires = time.GetUtcNow() + Lifetime;
        if (!await sessions.CreateAsync(SHA256.HashData(token), user, expires, context.RequestAborted))
        {
            return false;
        }

        var cookie = CookieFor(context.Request, Lifetime);
        context.Response.Cookies.Append(CookieName, Base64Url.EncodeToString(token), cookie);
        return true;
    }

    /// <summary>Ends the session the request carries, for everyone who has its token.</summary>
    public async Task EndAsync(HttpContext context)
    {
        await DeleteAsync(context);
        context.Response.Cookies.Delete(CookieName, CookieFor(context.Request, maxAge: null));
    }

    private async Task DeleteAsync(HttpContext context)
    {
        context.Items.Remove(UserItem);
        if (ReadTokenHash(context) is { } hash && await sessions.DeleteAsync(hash, context.RequestAborted))
        {
            // They connect again without this session. The user's other sessions keep theirs.
            endpoint.Disconnect(SignedInUser.SocketId(hash));
        }
    }

    /// <summary>The hash of the token the request carries; <c>null</c> when it carries none.</summary>
    public static byte[]? ReadTokenHash(HttpContext context)
    {
        Span<byte> token = stackalloc byte[TokenLength];
        var status = Base64Url.DecodeFromChars(context.Request.Cookies[CookieName], token, out _, out var length);
        return status == OperationStatus.Done && length == TokenLength ? SHA256.HashData(token) : null;
    }

    // Between sites a cookie travels only as "SameSite=None; Secure", and Secure only over https.
    private CookieOptions CookieFor(HttpRequest request, TimeSpan? maxAge) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        MaxAge = maxAge,
        Path = "/",
        SameSite = request.IsHttps && Site.HasOther(request, crossOrigin.Origins)
            ? SameSiteMode.None
            : SameSiteMode.Lax,
        Secure = request.IsHttps,
    };
}
