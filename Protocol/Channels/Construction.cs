using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.Protocol;

/// <summary>How the application's sockets and channels are made: by their one constructor, with services as
/// arguments.</summary>
internal static class Construction
{
    /// <summary>The members of such a type that reflection uses, and that trimming must keep.</summary>
    public const DynamicallyAccessedMemberTypes Members = DynamicallyAccessedMemberTypes.PublicConstructors
        | DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.NonPublicMethods;

    /// <summary>Checks the type now and compiles its constructor's call for the first instance.</summary>
    /// <exception cref="ArgumentException">No instance of the type could ever be created.</exception>
    public static Func<IServiceProvider, T> Of<[DynamicallyAccessedMembers(Members)] T>()
    {
        RequireConstructor(typeof(T));

        // Compiled at the first use: a start without System.Linq.Expressions saves 30 ms and 3 MB.
        var factory = new Lazy<ObjectFactory<T>>(() => ActivatorUtilities.CreateFactory<T>([]));
        return provider => factory.Value(provider, []);
    }

    // The rule of ActivatorUtilities: one public constructor, or one that has the attribute.
    private static void RequireConstructor([DynamicallyAccessedMembers(Members)] Type type)
    {
        var constructors = type.GetConstructors();
        var preferred = constructors.Count(constructor =>
            constructor.IsDefined(typeof(ActivatorUtilitiesConstructorAttribute), inherit: false));
        if (type.IsAbstract || (constructors.Length != 1 && preferred != 1))
        {
            throw new ArgumentException(
                $"{type.Name} must not be abstract and needs one public constructor, "
                + "or one with [ActivatorUtilitiesConstructor].");
        }
    }
}
