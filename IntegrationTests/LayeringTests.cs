using System.Reflection;
using System.Text.RegularExpressions;
using Kaffediem.IntegrationTests.Docs;
using Kaffediem.IntegrationTests.Layers;

namespace Kaffediem.IntegrationTests;

/// <summary>
/// docs/design.md, "The parts": Server uses Protocol and Persistence; those two never see each other. Within a project
/// the folders have a direction, too, and none grows too large to be looked over.
/// </summary>
public sealed partial class LayeringTests
{
    private const int MaxFiles = 24;

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
            .Where(file => file != "AuthorizationAttributes.cs") // refuses ASP.NET Core's [Authorize]
            .Where(file => Path.GetFileName(file) is not { } name
                || !name.StartsWith("Phoenix", StringComparison.Ordinal)
                || !name.EndsWith("Extensions.cs", StringComparison.Ordinal))
            .Where(file =>
                File.ReadAllText(Path.Combine(protocol, file))
                    .Contains("Microsoft.AspNetCore", StringComparison.Ordinal));

        Assert.Empty(offenders);
    }

    /// <summary>
    /// A mention against the direction that cannot be avoided without harm has a comment in the project file:
    /// <c>Against the direction of the folders: A -> B</c>, and the reason.
    /// </summary>
    [Theory]
    [InlineData("Protocol")]
    [InlineData("Persistence")]
    [InlineData("Server")]
    public void Folders_do_not_depend_on_each_other_in_cycles(string project)
    {
        var justified = Justification().Matches(Repository.Read($"{project}/{project}.csproj"))
            .Select(match => (match.Groups["from"].Value, match.Groups["to"].Value));

        var graph = new FolderGraph(
            from path in Repository.FindFiles("*.cs")
            where path.StartsWith($"{project}/", StringComparison.Ordinal)
            select (Path.GetRelativePath(project, path), Repository.Read(path)));

        Assert.Empty(graph.FindCycles([.. justified]));
    }

    [Fact]
    public void No_folder_holds_too_many_files()
    {
        var large = Repository.FindFiles("*.cs")
            .CountBy(path => Path.GetDirectoryName(path)!) // a file of the repository has a folder
            .Where(folder => folder.Value > MaxFiles)
            .Select(folder => $"{folder.Key}: {folder.Value} files");

        Assert.Empty(large);
    }

    [GeneratedRegex(@"Against the direction of the folders: (?<from>[\w/.]+) -> (?<to>[\w/.]+)")]
    private static partial Regex Justification();
}
