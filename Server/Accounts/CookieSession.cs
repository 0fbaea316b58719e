using System.Security.Claims;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Protocol;
using Kaffediem.Server.Identity;
using Kaffediem.Server.Pipeline;

namespace Kaffediem.Server.Accounts;

/// <summary>The session that a browser's cookie names.</summary>
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

    /// <summary>
    /// Reads the user whose session the request carries; <c>null</c> without one, or when it has ended. Others ask
    /// <see cref="Callers"/>, which reads it once for each request.
    /// </summary>
    public async Task<ClaimsPrincipal?> FindUserAsync(HttpContext context)
    {
        if (ReadTokenHash(context) is not { } hash)
        {
            return null;
        }

        var user = await sessions.FindUserAsync(hash, time.GetUtcNow(), context.RequestAborted)
            ?? await unwritten.FindUserAsync(hash, context.RequestAborted);
        return user is null || await developmentAccount.IsRefusedAsync(user)
            ? null
            : CallerClaims.Create(user.Id, user.Name ?? "", user.IsAdmin, hash);
    }

    /// <summary>
    /// Starts a session, makes the browser a known device of the user, and ends the session that the request carries.
    /// </summary>
    /// <returns>Whether it started: not if the user was removed or given another password in between.</returns>
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

    /// <summary>Starts a session that is not written until the browser sends the cookie back.</summary>
    public void StartUnwritten(HttpContext context, User user)
    {
        var token = TokenCookie.Issue(context.Request);
        unwritten.Add(token.Hash, user, Expires());
        Cookie.Append(context, token, crossOrigin);
    }

    /// <summary>Ends the session that the request carries, for every client that has its token.</summary>
    public async Task EndAsync(HttpContext context)
    {
        await DeleteAsync(context);
        Cookie.Delete(context, crossOrigin);
    }

    private static byte[]? ReadTokenHash(HttpContext context) => Cookie.ReadHash(context.Request);

    private DateTimeOffset Expires() => time.GetUtcNow() + Lifetime;

    private async Task DeleteAsync(HttpContext context)
    {
        Callers.SignOut(context);
        if (ReadTokenHash(context) is not { } hash)
        {
            return;
        }

        unwritten.Remove(hash);
        if (await sessions.DeleteAsync(hash, context.RequestAborted))
        {
            // Its clients connect again without a session. The sockets of the user's other sessions stay open.
            endpoint.Disconnect(SignedInSockets.SocketId(hash));
        }
    }
}
