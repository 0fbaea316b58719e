using System.Globalization;
using System.Security.Claims;
using Kaffediem.Persistence.Accounts;

namespace Kaffediem.Server.Accounts;

/// <summary>
/// Tells the socket who is signed in, <c>HttpContext.User</c>, and has the session looked after while it is open.
/// </summary>
internal sealed class SignedInUser(CookieSession sessions, SocketSessions socketSessions)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (await sessions.FindUserAsync(context) is not { } user)
        {
            await next(context);
            return;
        }

        var id = user.Id.ToString(CultureInfo.InvariantCulture);
        context.User = Principal(id, user);
        using (socketSessions.Watched(CookieSession.ReadTokenHash(context)!, SocketId(id)))
        {
            // A WebSocket's request lasts as long as the socket, a poll's a while.
            await next(context);
        }
    }

    /// <summary>What a user's sockets are found by, when a session ends.</summary>
    public static string SocketId(string userId) => $"user:{userId}";

    private static ClaimsPrincipal Principal(string id, User user) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, id),
            new Claim(ClaimTypes.Name, user.Name ?? ""),
        ],
        authenticationType: CookieSession.CookieName));
}
