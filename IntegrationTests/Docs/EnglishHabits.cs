using System.Text.RegularExpressions;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>The habits of CONTRIBUTING.md, "How English reads here", as far as a pattern can find them.</summary>
internal static partial class EnglishHabits
{
    // A question asks "who" and "what" rightly; a sentence ends here.
    private const string NotAsked = @"(?![^.?!|\u0001]*\?)";

    // A space matches any white space, since lines wrap.
    private static readonly (string Advice, Regex Pattern)[] All =
    [
        .. new (string Advice, string Pattern)[]
        {
            ("name the actor", """
                \b(?:for|to|from|of|what|as|than|and|but|or|that|if|when|beside|against|by|with) who\b
                """),
            ("name the actor", $"""(?<!["'(“#])(?<!\#\x20)\b(?-i:Who)\b{NotAsked}"""),
            ("name the actor", @"\bas nobody\b"),
            ("\"it\", \"they\"", @"\b(?:he|him|his|himself)\b"),
            ("\"is not a\"", """
                (?<!\bthere )\b(?:is|are|was|were) no
                (?!longer|more|less|greater|better|worse|larger|smaller|later|earlier|shorter|different|way|need|room)[a-z]
                """),
            ("malformed, missing, unknown", """
                \b(?:that|which|it|is|are) (?:is|are|was) none\b(?! of)|\bno longer one\b
                """),
            ("acknowledge, report, log, broadcast, send, notify", @"\b(?:told(?! apart)|tells)\b"),
            ("\"forever\", \"always\"", @"\bfor ever\b"),
            ("\"whether\"", @"\bbe it\b"),
            ("a noun", $@"(?<!\#\x20)\b(?-i:What) (?:is|are|has|have|had|was|were|an?|comes|came|waits)\b{NotAsked}"),
            ("a noun", """
                \b(?-i:what) (?:is|was|are|were)
                (?:acknowledged|accepted|refused|answered|missed|waiting|queued|gone|kept|asked for)\b
                """),
            ("\"Kaffebase\"", @"\bold back end\b|\bback end being replaced\b"),
            ("\"no later than\", after the verb", @"[.;:,] at the latest\b"),
            ("\"otherwise\"", @"[.;:] else\b(?! if)"),
            ("\"for example\", \"such as\"", @", as (?:`[^`]*`|<c>[^<]*</c>)(?=[.,;)|]|\s*\n\s*\n)"),
            ("name the result, or what arrived", @"\b(?:comes?|came) of\b"),
            ("support, accept", @"\b(?:takes?|took) (?:nothing|none)\b"),
            ("repeat the verb", @"\b(?:is|are|was|were|has|have) to(?=[.;,|:])"),
            ("\"idempotency key\"", @"\bretry keys?\b"),
        }.Select(habit => (habit.Advice, Compile(habit.Pattern))),
    ];

    /// <summary>Finds the habits in some English.</summary>
    /// <returns>The place of each, its words, and what to write instead.</returns>
    public static IEnumerable<(int Index, string Words, string Advice)> Find(string prose) =>
        from habit in All
        from match in habit.Pattern.Matches(prose)
        select (match.Index, BlankPattern.Replace(match.Value, " "), habit.Advice);

    private static Regex Compile(string pattern) => new(
        BlankPattern.Replace(pattern, @"\s+"), RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    [GeneratedRegex(@"\s+")]
    private static partial Regex BlankPattern { get; }
}
