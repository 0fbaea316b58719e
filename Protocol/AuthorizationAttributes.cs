using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.AspNetCore.Authorization;

namespace Kaffediem.Protocol;

/// <summary>
/// Refuses <c>[Authorize]</c> where nothing would enforce it. ASP.NET Core authorizes requests to endpoints. On a
/// socket's class the attribute works, because that becomes an endpoint. A join is not a request, so on a channel the
/// attribute would look like a protection without being one.
/// </summary>
internal static class AuthorizationAttributes
{
    private const DynamicallyAccessedMemberTypes Methods =
        DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.NonPublicMethods;

    private const string Advice = "Put it on the socket's class, call MapPhoenixSocket(...).RequireAuthorization(), or "
        + "refuse in JoinAsync with JoinResult.Error.";

    /// <exception cref="ArgumentException">The class or a base of it has such an attribute.</exception>
    public static void RefuseOnClass(Type type)
    {
        if (IsAuthorized(type))
        {
            throw new ArgumentException($"[Authorize] on {type.Name} has no effect. {Advice}");
        }
    }

    /// <exception cref="ArgumentException">A method of the class has such an attribute.</exception>
    public static void RefuseOnMethods([DynamicallyAccessedMembers(Methods)] Type type)
    {
        var methods = type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        if (Array.Find(methods, IsAuthorized) is { } method)
        {
            throw new ArgumentException($"[Authorize] on {type.Name}.{method.Name} has no effect. {Advice}");
        }
    }

    private static bool IsAuthorized(MemberInfo member) =>
        member.GetCustomAttributes(inherit: true).Any(attribute => attribute is IAuthorizeData or IAllowAnonymous);
}
