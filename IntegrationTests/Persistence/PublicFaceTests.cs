using System.Reflection;
using Kaffediem.Persistence;

namespace Kaffediem.IntegrationTests.Persistence;

/// <summary>What other projects see of Persistence.</summary>
public sealed class PublicFaceTests
{
    /// <summary>The server must not have to change when there is another database beside SQLite.</summary>
    [Fact]
    public void No_public_member_names_a_type_of_the_driver()
    {
        var members = typeof(Database).Assembly.GetExportedTypes().SelectMany(type => type
            .GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly));

        Assert.Empty(members.Where(member => TypesOf(member).Any(IsDrivers)).Select(member =>
            $"{member.DeclaringType}.{member.Name}"));
    }

    private static IEnumerable<Type> TypesOf(MemberInfo member) => member switch
    {
        MethodInfo method => [method.ReturnType, .. method.GetParameters().Select(it => it.ParameterType)],
        ConstructorInfo constructor => constructor.GetParameters().Select(it => it.ParameterType),
        PropertyInfo property => [property.PropertyType],
        FieldInfo field => [field.FieldType],
        Type nested => [nested, nested.BaseType ?? typeof(object)],
        _ => [],
    };

    private static bool IsDrivers(Type type) =>
        type.Namespace is "Microsoft.Data.Sqlite" or "SQLitePCL" || type.GetGenericArguments().Any(IsDrivers);
}
