using System.Globalization;
using System.Security.Claims;

namespace Kaffediem.Server.Identity;

/// <summary>What <see cref="HttpContext.User"/> says about a signed-in user.</summary>
internal static class CallerClaims
{
    private const string AuthenticationType = "session";
    private const string AdministratorRole = "administrator";
    private const string SessionClaim = "session";

    /// <summary>A signed-in user.</summary>
    /// <param name="id">The user's id.</param>
    /// <param name="name">The user's name; empty for none.</param>
    /// <param name="isAdministrator">Whether the user is an administrator.</param>
    /// <param name="tokenHash">The hash of the session's token.</param>
    public static ClaimsPrincipal Create(long id, string name, bool isAdministrator, byte[] tokenHash) =>
        new(new ClaimsIdentity(
            [
                new Claim(ClaimTypes.NameIdentifier, id.ToString(CultureInfo.InvariantCulture)),
                new Claim(ClaimTypes.Name, name),
                new Claim(SessionClaim, Convert.ToBase64String(tokenHash)),
                .. isAdministrator ? [new Claim(ClaimTypes.Role, AdministratorRole)] : Array.Empty<Claim>(),
            ],
            AuthenticationType));

    /// <summary>The user's id; <c>null</c> for nobody.</summary>
    public static long? UserId(this ClaimsPrincipal user) =>
        user.FindFirstValue(ClaimTypes.NameIdentifier) is { } id
            ? long.Parse(id, CultureInfo.InvariantCulture)
            : null;

    /// <summary>The user's name; empty for none, and for nobody.</summary>
    public static string UserName(this ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.Name) ?? "";

    /// <summary>Whether it is an administrator.</summary>
    public static bool IsAdministrator(this ClaimsPrincipal user) => user.IsInRole(AdministratorRole);

    /// <summary>The hash of the token of the user's session; <c>null</c> for nobody.</summary>
    public static byte[]? SessionTokenHash(this ClaimsPrincipal user) =>
        user.FindFirstValue(SessionClaim) is { } hash ? Convert.FromBase64String(hash) : null;
}
