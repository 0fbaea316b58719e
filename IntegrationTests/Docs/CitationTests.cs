using System.Text.RegularExpressions;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>
/// A reader of the repository finds everything that code and documents cite: a file with its heading, a case of the
/// recorded transcript, Phoenix at a fixed commit. The form is <c>docs/protocol.md, "Joining" and "Events"</c>.
/// </summary>
public sealed partial class CitationTests
{
    private const string Transcript = "IntegrationTests/Data/reference-transcript.md";

    private static readonly string[] Patterns = ["*.cs", "*.mjs", "*.sql", "*.md", ".editorconfig"];

    // File name to content, without line breaks and comment markers, because a citation may be wrapped.
    private static readonly Dictionary<string, string> Texts = Patterns
        .SelectMany(Repository.FindFiles)
        .Where(file => Path.GetFileName(file) != $"{nameof(CitationTests)}.cs")
        .ToDictionary(file => file, file => LineBreakPattern.Replace(Repository.Read(file), " "));

    [Fact]
    public void Each_cited_heading_exists()
    {
        var citations = Find(HeadingCitationPattern).ToList();

        Assert.True(citations.Count > 100);
        Assert.Empty(
            from citation in citations
            let target = Resolve(citation.File, citation.Match.Groups["path"].Value)
            from Capture heading in citation.Match.Groups["heading"].Captures
            where target is null || !Headings(target).Contains(heading.Value)
            select $"{citation.File}: {citation.Match.Groups["path"].Value}, \"{heading.Value}\"");
    }

    [Fact]
    public void Each_cited_document_exists() => Assert.Empty(
        from citation in Find(DocumentPattern)
        where Resolve(citation.File, citation.Match.Value) is null
        select $"{citation.File}: {citation.Match.Value}");

    [Fact]
    public void Each_cited_case_of_the_transcript_exists()
    {
        var cases = TranscriptHeadingPattern.Matches(Repository.Read(Transcript)).Select(heading => heading.Value)
            .ToHashSet();

        Assert.Empty(
            from citation in Find(CaseCitationPattern)
            from Capture id in citation.Match.Groups["id"].Captures
            where !cases.Contains(id.Value)
            select $"{citation.File}: reference transcript {id.Value}");
    }

    [Fact]
    public void Phoenix_is_cited_at_a_fixed_commit() =>
        Assert.Empty(Find(UnfixedPhoenixPattern).Select(citation => $"{citation.File}: {citation.Match.Value}"));

    [Fact]
    public void Nothing_outside_the_repository_is_cited() =>
        Assert.Empty(Find(ForeignPattern).Select(citation => $"{citation.File}: {citation.Match.Value}"));

    private static IEnumerable<(string File, Match Match)> Find(Regex pattern) =>
        from text in Texts
        from match in pattern.Matches(text.Value)
        select (text.Key, match);

    // A path is relative to the root or to any folder above the citing file.
    private static string? Resolve(string file, string path)
    {
        for (var folder = Path.GetDirectoryName(file); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var target = Path.GetFullPath(Path.Combine(Repository.Root, folder, path));
            if (File.Exists(target))
            {
                return target;
            }
        }

        return null;
    }

    private static IEnumerable<string> Headings(string path) => MarkdownHeadingPattern.Matches(File.ReadAllText(path))
        .Select(heading => heading.Groups["text"].Value.Replace("`", "", StringComparison.Ordinal));

    [GeneratedRegex(@"\s*\n\s*(///?|\*/?|#|--)?\s*")]
    private static partial Regex LineBreakPattern { get; }

    [GeneratedRegex("""(?<path>[A-Za-z.][\w./-]*\.md)`?,(?:(?:,| and)? ["'](?<heading>[^"']+)["'])+""")]
    private static partial Regex HeadingCitationPattern { get; }

    [GeneratedRegex(@"(?<![\w*/.-])(?:(?:[\w.-]+/)+[\w-]+|README|CHANGELOG|CONTRIBUTING|SECURITY)\.md\b")]
    private static partial Regex DocumentPattern { get; }

    // reference transcript W139-W144, W150 and 2.13
    [GeneratedRegex(@"reference[ -]transcript(?:\.md,)?(?:(?:,| and|-)? ?(?<id>[RW]\d+|\d\.\d+))+")]
    private static partial Regex CaseCitationPattern { get; }

    [GeneratedRegex(@"(?<=^##+ )(?:[RW]\d+|\d\.\d+)", RegexOptions.Multiline)]
    private static partial Regex TranscriptHeadingPattern { get; }

    [GeneratedRegex(@"(?<![\w@#.-])phoenix (?:<c>|`)?[\w/]+\.exs?\b|phoenix@(?!167c469\b)[0-9a-f]{7,}")]
    private static partial Regex UnfixedPhoenixPattern { get; }

    [GeneratedRegex("""
        \bspec/|\bspec[ ]section|\bDESIGN\b|\bSTYLE\b|ENGLISH\.md|\.\./shared
        |\b[Ii]ssues?[ ][#]?\d+\b|(?<![\w/])README,[ ]["']
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex ForeignPattern { get; }

    [GeneratedRegex("^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex MarkdownHeadingPattern { get; }
}
