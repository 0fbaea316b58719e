using System.Security.Claims;

namespace Kaffediem.Protocol;

/// <summary>What a signed-in user is counted as where something is limited per user.</summary>
internal static class ClientUser
{
    /// <summary>The user's id, or else the name; <c>null</c> when nobody is signed in.</summary>
    /// <param name="user">The user that ASP.NET Core's authentication has found.</param>
    public static string? Of(ClaimsPrincipal user) => user.Identity is { IsAuthenticated: true } identity
        ? user.FindFirstValue(ClaimTypes.NameIdentifier) ?? identity.Name ?? ""
        : null;
}
