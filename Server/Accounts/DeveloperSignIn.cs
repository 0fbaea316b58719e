using Kaffediem.Persistence.Accounts;
using Kaffediem.Server.Pipeline;

namespace Kaffediem.Server.Accounts;

/// <summary>In Development, signs browsers on this machine in as the first administrator.</summary>
internal sealed class DeveloperSignIn(
    IHostEnvironment environment, UserStore users, CookieSession sessions, CrossOriginOptions crossOrigin)
{
    /// <summary>
    /// The administrator, whose session begins with the browser's next request; otherwise <c>null</c>.
    /// </summary>
    public async Task<User?> SignInAsync(HttpContext context)
    {
        if (!environment.IsDevelopment() || !IsFromThisMachine(context))
        {
            return null;
        }

        var administrator = await users.FirstAdministratorAsync(context.RequestAborted);
        if (administrator is not null)
        {
            sessions.StartUnwritten(context, administrator);
        }

        return administrator;
    }

    private bool IsFromThisMachine(HttpContext context) =>
        LocalRequest.IsDirect(context)
        && LocalRequest.HasLoopbackHost(context.Request)
        && !crossOrigin.IsFromForeignPage(context.Request, namesOrigin: true);
}
