using System.Text.RegularExpressions;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>
/// Comments, documents, texts and names of tests are free of the habits that CONTRIBUTING.md, "How English reads here"
/// names, as far as a pattern can find them.
/// </summary>
public sealed class PlainEnglishTests
{
    private static readonly string[] Patterns =
        ["*.cs", "*.mjs", "*.sql", "*.md", "*.csproj", "*.props", ".editorconfig"];

    // A line of a file that may contain a habit, and why. Only what the wire or another program prescribes, and quotes.
    private static readonly (string File, string Line, string Why)[] Exceptions =
    [
        ("CONTRIBUTING.md", "| To who has gone nothing is sent", "an example of what not to write"),
        ("CONTRIBUTING.md", "| A key that is no token", "an example of what not to write"),
        ("CONTRIBUTING.md", "| What is accepted is finished", "an example of what not to write"),
        ("CONTRIBUTING.md", "| the menu that was told", "an example of what not to write"),
        ("CONTRIBUTING.md", "| The topic that was joined, as `room:lobby`.", "an example of what not to write"),
    ];

    // It contains what it looks for.
    private const string Skipped = nameof(PlainEnglishTests);

    [Fact]
    public void Prose_is_plain_English()
    {
        var hits = FindHits();
        var found = hits.Where(hit => !Exceptions.Any(exception => IsExempt(hit, exception)))
            .Select(hit => $"{hit.File}:{hit.Line}: \"{hit.Words}\", instead: {hit.Advice}").ToArray();

        Assert.True(found.Length == 0, string.Join('\n', found));
        Assert.All(Exceptions, exception => Assert.Contains(hits, hit => IsExempt(hit, exception)));
    }

    [Theory]
    [InlineData("Writing to who has gone is not an error.", "to who")]
    [InlineData("Who comes back gets the whole list.", "Who")]
    [InlineData("It reconnects as nobody.", "as nobody")]
    [InlineData("A slow client harms only himself.", "himself")]
    [InlineData("A frame that is no\nmessage ends the socket.", "is no m")]
    [InlineData("Returns null for an id that is none.", "that is none")]
    [InlineData("Subscribers are told of it.", "told")]
    [InlineData("It would be deaf for ever.", "for ever")]
    [InlineData("A request, be it a join or a push.", "be it")]
    [InlineData("What is acknowledged survives.", "What is")]
    [InlineData("After that, what was accepted is finished.", "what was accepted")]
    [InlineData("As the old back end did.", "old back end")]
    [InlineData("It is cut off, at the latest with 17 MiB queued.", ", at the latest")]
    [InlineData("It must match: else the test proves nothing.", ": else")]
    [InlineData("The joined topic, as `room:lobby`.", ", as `room:lobby`")]
    [InlineData("Nothing comes of it.", "comes of")]
    [InlineData("The disk takes nothing.", "takes nothing")]
    [InlineData("The link does what it is to.", "is to")]
    [InlineData("The retry key of a request.", "retry key")]
    public void A_habit_is_found(string sentence, string words) =>
        Assert.Equal(words, Assert.Single(EnglishHabits.Find(sentence)).Words);

    [Theory]
    [InlineData("Writing to a client that has gone sends nothing; this is not an error.")]
    [InlineData("There is no list, and it is no longer than 64 KB. Who asks? What is it?")]
    [InlineData("## Who runs when")]
    [InlineData("Lock order: docs/design.md, \"Who runs when\".")]
    [InlineData("The two can be told apart, and the log says which, as `Auth:Writes` says.")]
    [InlineData("`http` in Development, else `https`; a client has to wait 10 s at the latest.")]
    [InlineData("Only what it missed is sent to the client.")]
    public void A_plain_sentence_passes(string sentence) => Assert.Empty(EnglishHabits.Find(sentence));

    [Fact]
    public void Comments_texts_and_names_of_tests_are_prose_and_code_is_not()
    {
        const string content = """"
            /// <summary>Sent to
            /// who asks.</summary>
            public void Who_is_told() => told.Add('"', $"told {told}", """told"""); // told
            """";

        var lines = EnglishHabits.Find(Prose.Read(".cs", content)).Select(hit => (Line(content, hit.Index), hit.Words));

        Assert.Equal(
            [(1, "to who"), (3, "Who"), (3, "told"), (3, "told"), (3, "told"), (3, "told"), (3, "told")], lines);
    }

    [Theory]
    [InlineData(".mjs", "told(`told`) // told", 2)]
    [InlineData(".sql", "told -- told", 1)]
    [InlineData(".csproj", "<told /> <!-- told -->", 1)]
    [InlineData("", "told=1 # told", 1)]
    [InlineData(".md", "told `told`", 2)]
    public void Each_language_has_its_prose(string extension, string content, int hits) =>
        Assert.Equal(hits, EnglishHabits.Find(Prose.Read(extension, content)).Count());

    private static List<Hit> FindHits() =>
    [
        .. from file in Patterns.SelectMany(Repository.FindFiles).Append(Path.Combine(".ci", "run"))
           where Path.GetFileNameWithoutExtension(file) != Skipped
           let content = Repository.Read(file)
           from hit in EnglishHabits.Find(Prose.Read(Path.GetExtension(file), content))
           let line = Line(content, hit.Index)
           orderby file, line
           select new Hit(file, line, content.Split('\n')[line - 1], hit.Words, hit.Advice),
    ];

    private static int Line(string content, int index) => content.AsSpan(0, index).Count('\n') + 1;

    private static bool IsExempt(Hit hit, (string File, string Line, string Why) exception) =>
        hit.File == exception.File && hit.Text.Contains(exception.Line, StringComparison.Ordinal);

    private sealed record Hit(string File, int Line, string Text, string Words, string Advice);
}

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
