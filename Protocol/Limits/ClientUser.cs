using System.Security.Claims;

namespace Kaffediem.Protocol;

/// <summary>The name that a signed-in user is counted under where something is limited per user.</summary>
internal static class ClientUser
{
    /// <summary>The user's id, or otherwise the name; <c>null</c> when no user is signed in.</summary>
    /// <param name="user">The user that ASP.NET Core's authentication has found.</param>
    public static string? Of(ClaimsPrincipal user) => user.Identity is { IsAuthenticated: true } identity
        ? user.FindFirstValue(ClaimTypes.NameIdentifier) ?? identity.Name ?? ""
        : null;
}
