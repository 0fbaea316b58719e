using System.Globalization;
using System.Security.Claims;
using Kaffediem.Persistence.Accounts;

namespace Kaffediem.Server.Accounts;

/// <summary>Tells what comes later in the pipeline, such as the socket, who is signed in: <c>HttpContext.User</c>.</summary>
internal sealed class SignedInUser(CookieSession sessions)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (await sessions.FindUserAsync(context) is { } user)
        {
            context.User = Principal(user);
        }

        await next(context);
    }

    /// <summary>What a user's sockets are found by, when a session ends.</summary>
    public static string SocketId(string userId) => $"user:{userId}";

    private static ClaimsPrincipal Principal(User user) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, user.Id.ToString(CultureInfo.InvariantCulture)),
            new Claim(ClaimTypes.Name, user.Name ?? ""),
        ],
        authenticationType: CookieSession.CookieName));
}
