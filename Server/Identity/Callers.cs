using System.Security.Claims;

namespace Kaffediem.Server.Identity;

/// <summary>
/// Finds the user who sends a request, and keeps it in <see cref="HttpContext.User"/>. This costs a read of the
/// database, so it is done at the first question: most requests are never asked, and none pays twice.
/// </summary>
/// <param name="find">Finds the signed-in user of a request; <c>null</c> for nobody.</param>
internal sealed class Callers(Func<HttpContext, Task<ClaimsPrincipal?>> find)
{
    private static readonly ClaimsPrincipal Nobody = new(new ClaimsIdentity());

    /// <summary>The signed-in user, or a principal that is not authenticated (<see cref="CallerClaims"/>).</summary>
    public async ValueTask<ClaimsPrincipal> FindAsync(HttpContext context)
    {
        if (!IsKnown(context.User))
        {
            context.User = await find(context) ?? Nobody;
        }

        return context.User;
    }

    /// <summary>From now on the request is nobody's: its session has ended.</summary>
    public static void SignOut(HttpContext context) => context.User = Nobody;

    // Before the first question the framework gives every request a principal of its own.
    private static bool IsKnown(ClaimsPrincipal user) =>
        user.Identity is { IsAuthenticated: true } || ReferenceEquals(user, Nobody);
}
