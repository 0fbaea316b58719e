using Kaffediem.Persistence.Accounts;
using Kaffediem.Server.Pipeline;

namespace Kaffediem.Server.Accounts;

/// <summary>
/// The browsers in which users have signed in before, which a cookie proves. Their sign-ins are counted apart from
/// strangers' and wait in a line of their own, so that nobody without the password can keep the user out. The idea is
/// OWASP's "device cookies"
/// (https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies).
/// </summary>
internal sealed class KnownDevices(KnownDeviceStore devices, CrossOriginOptions crossOrigin, TimeProvider time)
{
    private static readonly TokenCookie Cookie = new("kaffediem_device", KnownDeviceStore.Lifetime);

    /// <summary>The hash of the token that the request carries; <c>null</c> if it carries none.</summary>
    public static byte[]? ReadTokenHash(HttpRequest request) => Cookie.ReadHash(request);

    /// <summary>How the device is counted, if the user has signed in from it before; otherwise <c>null</c>.</summary>
    public async Task<SignInDevice?> FindAsync(HttpContext context, User? user)
    {
        if (user is null || ReadTokenHash(context.Request) is not { } hash)
        {
            return null;
        }

        var device = await devices.FindAsync(hash, user.Id, time.GetUtcNow(), context.RequestAborted);
        return device switch
        {
            null => null,
            // With the old password, somebody could have made many devices known. Together they count as one.
            { HasOldPassword: true } => new SignInDevice(user.Id, "of an old password"),
            _ => new SignInDevice(user.Id, Convert.ToBase64String(hash)),
        };
    }

    /// <summary>Sets the cookie.</summary>
    public void Append(HttpContext context, IssuedToken token) => Cookie.Append(context, token, crossOrigin);
}

/// <summary>A known device of the account that an attempt is for.</summary>
/// <param name="UserId">The account.</param>
/// <param name="Key">The key under which its attempts are counted, within the account.</param>
internal sealed record SignInDevice(long UserId, string Key);
