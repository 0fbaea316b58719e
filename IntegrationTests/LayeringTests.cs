using System.Reflection;

namespace Kaffediem.IntegrationTests;

/// <summary>STYLE, layers: Server uses Protocol and Persistence; those two never see each other.</summary>
public sealed class LayeringTests
{
    [Theory]
    [InlineData("Kaffediem.Protocol", "Kaffediem.Persistence")]
    [InlineData("Kaffediem.Protocol", "Kaffediem.Server")]
    [InlineData("Kaffediem.Persistence", "Kaffediem.Protocol")]
    [InlineData("Kaffediem.Persistence", "Kaffediem.Server")]
    [InlineData("Kaffediem.Persistence", "Microsoft.AspNetCore")]
    public void A_library_does_not_reference(string library, string forbidden)
    {
        var references = Assembly.Load(library).GetReferencedAssemblies();

        Assert.DoesNotContain(references, name => name.Name!.StartsWith(forbidden, StringComparison.Ordinal));
    }
}
