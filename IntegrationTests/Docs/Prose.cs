using System.Text.RegularExpressions;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>
/// The English of a file: comments, string literals and names of tests. Documents are English as a whole. The result
/// is as long as the file and has its line breaks, so that a place in one is the same place in the other.
/// </summary>
internal static partial class Prose
{
    /// <summary>Stands for each character of code; no phrase can reach across it.</summary>
    public const char Code = '\u0001';

    private static readonly Dictionary<string, Regex> Languages = new()
    {
        [".cs"] = CSharpPattern,
        [".mjs"] = JavaScriptPattern,
        [".sql"] = SqlPattern,
        [".csproj"] = XmlPattern,
        [".props"] = XmlPattern,
        [".editorconfig"] = HashPattern,
        [".sh"] = HashPattern,
        [""] = HashPattern,
    };

    /// <summary>Reads the English out of a file's content.</summary>
    /// <param name="extension">For example <c>.cs</c>; that of a document is <c>.md</c>.</param>
    /// <param name="content">The file's content.</param>
    public static string Read(string extension, string content) =>
        extension == ".md" ? content : Languages[extension].Replace(content, Keep);

    /// <summary>
    /// Reads the code out of a C# file, the opposite: its strings and characters are empty, and its comments are gone.
    /// </summary>
    /// <param name="content">The file's content. The result has its line breaks.</param>
    /// <param name="keepComments">Whether the comments stay.</param>
    public static string Remove(string content, bool keepComments = false) =>
        CSharpPattern.Replace(content, token =>
        {
            var breaks = new string('\n', token.Value.Count('\n'));
            return token.Groups["comment"].Success ? keepComments ? token.Value : breaks
                : token.Groups["text"].Success ? $"\"{breaks}\""
                : token.Value is ['\'', _, ..] ? "''"
                : token.Value;
        });

    private static string Keep(Match token)
    {
        if (token.Groups["comment"].Success)
        {
            return CommentSignPattern.Replace(token.Value, sign => new string(' ', sign.Length));
        }

        return token.Groups["text"].Success ? $"{Code}{token.Value[1..^1]}{Code}"
            : token.Groups["name"].Success ? token.Value.Replace('_', ' ')
            : new string(Code, token.Length);
    }

    // What begins a line of a comment: a sentence goes on after it.
    [GeneratedRegex(@"^[ \t]*(?:///?|/\*\*?|\*(?!/)|--|\#)", RegexOptions.Multiline)]
    private static partial Regex CommentSignPattern { get; }

    [GeneratedRegex("""
        (?<comment> //[^\n]* | /\*.*?\*/ )
        | (?<text> \$*(?<quotes>"{3,}).*?\k<quotes> | (?:\$@|@\$?)"(?:""|[^"])*" | \$?"(?:\\.|[^"\\\n])*" )
        | '(?:\\.|[^'\\\n])*'
        | (?<name> (?<=\b(?:void|Task)[ ])[A-Z]\w*_\w+(?=\() )
        | \S
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.Singleline)]
    private static partial Regex CSharpPattern { get; }

    [GeneratedRegex("""
        (?<comment> //[^\n]* | /\*.*?\*/ )
        | (?<text> "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | `(?:\\.|[^`\\])*` )
        | \S
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.Singleline)]
    private static partial Regex JavaScriptPattern { get; }

    [GeneratedRegex(@"(?<comment>--[^\n]*)|\S")]
    private static partial Regex SqlPattern { get; }

    [GeneratedRegex(@"(?<comment><!--.*?-->)|\S", RegexOptions.Singleline)]
    private static partial Regex XmlPattern { get; }

    [GeneratedRegex("""(?<comment>(?<!\S)\#[^\n]*)|(?<text>"(?:\\.|[^"\\\n])*")|\S""")]
    private static partial Regex HashPattern { get; }
}
