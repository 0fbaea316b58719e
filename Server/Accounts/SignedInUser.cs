using System.Globalization;
using System.Security.Claims;
using Kaffediem.Persistence.Accounts;

namespace Kaffediem.Server.Accounts;

/// <summary>Tells the socket who is signed in, <c>HttpContext.User</c>, and by which session.</summary>
internal sealed class SignedInUser(CookieSession sessions)
{
    /// <summary>The type of the claim that holds the hash of the session's token, in base64.</summary>
    public const string SessionClaim = "session";

    /// <summary>The role of administrators.</summary>
    public const string AdministratorRole = "administrator";

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (await sessions.FindUserAsync(context) is { } user)
        {
            context.User = Principal(user, CookieSession.ReadTokenHash(context)!);
        }

        await next(context);
    }

    /// <summary>The id of all sockets that a session has opened, by which they are closed when it ends.</summary>
    // Eight bytes of the hash tell sessions apart, and nothing needs to know more of it.
    public static string SocketId(ReadOnlySpan<byte> tokenHash) =>
        $"session:{Convert.ToHexStringLower(tokenHash[..8])}";

    private static ClaimsPrincipal Principal(User user, byte[] tokenHash) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, user.Id.ToString(CultureInfo.InvariantCulture)),
            new Claim(ClaimTypes.Name, user.Name ?? ""),
            new Claim(SessionClaim, Convert.ToBase64String(tokenHash)),
            .. user.IsAdmin ? [new Claim(ClaimTypes.Role, AdministratorRole)] : Array.Empty<Claim>(),
        ],
        authenticationType: nameof(CookieSession)));
}
