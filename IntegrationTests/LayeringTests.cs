using System.Reflection;
using Kaffediem.IntegrationTests.Docs;

namespace Kaffediem.IntegrationTests;

/// <summary>
/// docs/design.md, "The parts": Server uses Protocol and Persistence; those two never see each other.
/// </summary>
public sealed class LayeringTests
{
    [Theory]
    [InlineData("Kaffediem.Protocol", "Kaffediem.Persistence")]
    [InlineData("Kaffediem.Protocol", "Kaffediem.Server")]
    [InlineData("Kaffediem.Persistence", "Kaffediem.Protocol")]
    [InlineData("Kaffediem.Persistence", "Kaffediem.Server")]
    [InlineData("Kaffediem.Persistence", "Microsoft.AspNetCore")]
    public void Library_does_not_reference_a_forbidden_one(string library, string forbidden)
    {
        var references = Assembly.Load(library).GetReferencedAssemblies();

        Assert.DoesNotContain(references, name => name.Name!.StartsWith(forbidden, StringComparison.Ordinal));
    }

    /// <summary>The core of the protocol does not depend on the web server.</summary>
    [Fact]
    public void Only_transports_and_extensions_of_Protocol_use_ASP_NET_Core()
    {
        var protocol = Path.Combine(Repository.Root, "Protocol");
        var offenders = Directory.EnumerateFiles(protocol, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(protocol, file))
            .Where(file => !file.StartsWith("Transports", StringComparison.Ordinal))
            .Where(file => !file.StartsWith("obj", StringComparison.Ordinal))
            .Where(file => Path.GetFileName(file) is not { } name
                || !name.StartsWith("Phoenix", StringComparison.Ordinal)
                || !name.EndsWith("Extensions.cs", StringComparison.Ordinal))
            .Where(file =>
                File.ReadAllText(Path.Combine(protocol, file))
                    .Contains("Microsoft.AspNetCore", StringComparison.Ordinal));

        Assert.Empty(offenders);
    }
}
