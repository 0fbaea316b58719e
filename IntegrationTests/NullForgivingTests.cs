using System.Text.RegularExpressions;
using Kaffediem.IntegrationTests.Docs;

namespace Kaffediem.IntegrationTests;

/// <summary>
/// CONTRIBUTING.md, "How code reads here": a <c>!</c> that silences the compiler about <c>null</c> has its reason in a
/// comment, at its line or above it in the same statement.
/// </summary>
public sealed partial class NullForgivingTests
{
    private static readonly string[] Products = ["Persistence/", "Protocol/", "Protocol.Testing/", "Server/"];

    [Fact]
    public void Each_has_its_reason() => Assert.Empty(
        from path in Repository.FindFiles("*.cs")
        where Products.Any(product => path.StartsWith(product, StringComparison.Ordinal))
        from line in FindUnexplained(Repository.Read(path))
        select $"{path}:{line}");

    [Theory]
    [InlineData("var x = y!;", new[] { 1 })]
    [InlineData("a();\nvar x = y!.Z; // set by a", new int[0])]
    [InlineData("// Set by a.\nvar x = Find(\n    y!);", new int[0])]
    [InlineData("// Set by a.\nb();\nvar x = y![0];", new[] { 3 })]
    [InlineData("if (x != y && !z) { Write(\"a!\", '!'); } // !", new int[0])]
    [InlineData("/// <summary>Text.</summary>\npublic string Text { get; } = null!;", new[] { 2 })]
    public void One_without_a_reason_is_found(string code, int[] lines) => Assert.Equal(lines, FindUnexplained(code));

    private static IEnumerable<int> FindUnexplained(string content)
    {
        var lines = Prose.Remove(content, keepComments: true).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (NullForgivingPattern().IsMatch(lines[i].Split("//")[0]) && !IsExplained(lines, i))
            {
                yield return i + 1;
            }
        }
    }

    private static bool IsExplained(string[] lines, int index)
    {
        if (lines[index].Contains("//", StringComparison.Ordinal))
        {
            return true;
        }

        for (var above = index - 1; above >= 0; above--)
        {
            var line = lines[above].Trim();
            if (line is "" || line[^1] is ';' or '{' or '}' || line.StartsWith("///", StringComparison.Ordinal))
            {
                return false;
            }

            if (line.StartsWith("//", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex(@"[\w)\]>]!(?!=)")]
    private static partial Regex NullForgivingPattern();
}
