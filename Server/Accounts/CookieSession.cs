using Kaffediem.Persistence.Accounts;
using Kaffediem.Protocol;
using Kaffediem.Server.Pipeline;

namespace Kaffediem.Server.Accounts;

/// <summary>The session that a browser's cookie stands for.</summary>
internal sealed class CookieSession(
    SessionStore sessions,
    UnwrittenSessions unwritten,
    DevelopmentAccount developmentAccount,
    KnownDevices devices,
    PhoenixEndpoint endpoint,
    CrossOriginOptions crossOrigin,
    TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(14);
    private static readonly TokenCookie Cookie = new("kaffediem_session", Lifetime);

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

        var user = await sessions.FindUserAsync(hash, time.GetUtcNow(), context.RequestAborted)
            ?? await unwritten.FindUserAsync(hash, context.RequestAborted);
        if (user is not null && await developmentAccount.IsRefusedAsync(user))
        {
            user = null;
        }

        context.Items[UserItem] = user;
        return user;
    }

    /// <summary>
    /// Starts a session, makes the browser a known device of the user, and ends the session that the request carries.
    /// </summary>
    /// <returns>Whether it has: not if the user has gone or has another password by now.</returns>
    public async Task<bool> StartAsync(HttpContext context, User user)
    {
        var (token, device) = (TokenCookie.Issue(context.Request), TokenCookie.Issue(context.Request));
        var deviceToken = new DeviceToken(device.Hash, KnownDevices.ReadTokenHash(context.Request));
        if (!await sessions.CreateAsync(token.Hash, user, Expires(), deviceToken, context.RequestAborted))
        {
            return false;
        }

        await DeleteAsync(context);
        Cookie.Append(context, token, crossOrigin);
        devices.Append(context, device);
        return true;
    }

    /// <summary>The same, but nothing is written until the browser sends the cookie back.</summary>
    public void StartUnwritten(HttpContext context, User user)
    {
        var token = TokenCookie.Issue(context.Request);
        unwritten.Add(token.Hash, user, Expires());
        Cookie.Append(context, token, crossOrigin);
    }

    /// <summary>Ends the session the request carries, for everyone who has its token.</summary>
    public async Task EndAsync(HttpContext context)
    {
        await DeleteAsync(context);
        Cookie.Delete(context, crossOrigin);
    }

    /// <summary>The hash of the token the request carries; <c>null</c> when it carries none.</summary>
    public static byte[]? ReadTokenHash(HttpContext context) => Cookie.ReadHash(context.Request);

    private DateTimeOffset Expires() => time.GetUtcNow() + Lifetime;

    private async Task DeleteAsync(HttpContext context)
    {
        context.Items.Remove(UserItem);
        if (ReadTokenHash(context) is not { } hash)
        {
            return;
        }

        unwritten.Remove(hash);
        if (await sessions.DeleteAsync(hash, context.RequestAborted))
        {
            // They connect again without this session. The user's other sessions keep theirs.
            endpoint.Disconnect(SignedInUser.SocketId(hash));
        }
    }
}
