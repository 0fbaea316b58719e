using System.Text.RegularExpressions;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Protocol;
using Kaffediem.Server.Hosting;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>The tables of the docs match the code, in both directions.</summary>
public partial class WordingTests
{
    private static readonly string[] Runnable = ["http", "ws", "sh", "js"];

    [Fact]
    public void Each_setting_is_documented_and_each_documented_setting_exists()
    {
        var existing = KnownSettings.All.Select(setting => setting.Name switch
        {
            "urls" => "--urls",
            "environment" => "ASPNETCORE_ENVIRONMENT",
            var name => name,
        });

        var documented = SettingPattern.Matches(Repository.Read("docs/settings.md"))
            .Select(row => row.Groups["name"].Value);

        Assert.Equal(existing.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    // Every options class that is bound to the settings has a validator named after it.
    [Fact]
    public void Each_options_class_is_a_known_section()
    {
        var types = new[] { typeof(KnownSettings), typeof(DatabaseOptions), typeof(PhoenixOptions) }
            .Select(type => type.Assembly)
            .SelectMany(assembly => assembly.GetTypes()).ToArray();
        var read = types.Where(type => types.Any(validator => validator.Name == $"{type.Name}Validator"));

        Assert.Equal(
            read.Select(type => type.Name).Order(StringComparer.Ordinal),
            KnownSettings.Sections.Values.Select(type => type.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_old_name_of_a_setting_is_known()
    {
        var names = OldNamePattern.Matches(Repository.Read("docs/settings.md")).Select(row => row.Groups["name"].Value);

        Assert.Equal(["PORT", "DATABASE_PATH", "PHX_ALLOWED_ORIGINS"], names);
        Assert.Equal(names, KnownSettings.All.Select(setting => setting.OldName).OfType<string>());
    }

    [Theory]
    [InlineData("docs/rest.md")]
    [InlineData("docs/channels.md")]
    public void Each_quoted_message_occurs_in_the_code(string file)
    {
        var code = string.Join('\n', Repository.FindFiles("*.cs")
            .Where(path => path.Split('/')[0] is "Server" or "Persistence" or "Protocol").Select(Repository.Read));
        var tables = Repository.Read(file).Split("\n\n")
            .Where(part => part.StartsWith("| message |", StringComparison.Ordinal));
        var messages = tables.SelectMany(table => MessagePattern.Matches(table)).Select(row => row.Groups["text"].Value)
            .Concat(QuotedErrorPattern.Matches(Repository.Read(file)).Select(match => match.Groups["text"].Value))
            .ToArray();

        Assert.NotEmpty(messages);
        // The code inserts the number of megabytes and the text that the docs replace with an ellipsis.
        Assert.All(messages, message => Assert.Contains(
            message.Split('…')[0].Replace("5 MB", "{", StringComparison.Ordinal), code, StringComparison.Ordinal));
    }

    [Fact]
    public void Each_example_has_a_language_that_is_run()
    {
        string[] files = ["docs/rest.md", "docs/channels.md"];
        Assert.All(files.SelectMany(DocExample.ReadAll), example => Assert.Contains(example.Language, Runnable));
    }

    [Fact]
    public void README_has_at_most_1000_words() =>
        Assert.InRange(WordPattern.Count(Repository.Read("README.md")), 1, 1000);

    [Fact]
    public void Each_link_has_a_target()
    {
        foreach (var file in Repository.FindFiles("*.md"))
        {
            var folder = Path.GetDirectoryName(file)!;
            foreach (Match link in LinkPattern.Matches(Repository.Read(file)))
            {
                var path = link.Groups["path"].Value;
                var target = path.Length == 0 ? file : Path.GetRelativePath(
                    Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, folder, path)));
                Assert.True(File.Exists(Path.Combine(Repository.Root, target)), $"{file}: there is no {path}");
                var anchor = link.Groups["anchor"].Value;
                Assert.True(
                    anchor.Length == 0 || Anchors(target).Contains(anchor), $"{file}: there is no {target}#{anchor}");
            }
        }
    }

    // As GitHub derives them: lower case, a hyphen for a blank, and otherwise only letters and digits.
    private static IEnumerable<string> Anchors(string file) => HeadingPattern.Matches(Repository.Read(file))
        .Select(heading => heading.Groups["text"].Value.ToLowerInvariant().Replace(' ', '-'))
        .Select(heading =>
            new string([.. heading.Where(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_')]));

    [GeneratedRegex(@"^\| `(?<name>[A-Z-][\w:-]+)` \|[^|\n]*\|[^|\n]*\|", RegexOptions.Multiline)]
    private static partial Regex SettingPattern { get; }

    [GeneratedRegex(@"^\| `[A-Z-][\w:-]+` \| `(?<name>[A-Z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex OldNamePattern { get; }

    [GeneratedRegex("^\\| `(?<text>[^`]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex MessagePattern { get; }

    // | ... | an error: `topic too long`, `event too long` |
    [GeneratedRegex("an error(:|,)( `[^`]+`,)? `(?<text>[^`]+)`")]
    private static partial Regex QuotedErrorPattern { get; }

    [GeneratedRegex(@"\]\((?!https?:)(?<path>[^)#]*)(#(?<anchor>[^)]*))?\)")]
    private static partial Regex LinkPattern { get; }

    [GeneratedRegex("^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex HeadingPattern { get; }

    [GeneratedRegex(@"\S+")]
    private static partial Regex WordPattern { get; }
}
