using System.Text.RegularExpressions;

namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>The differences that <c>docs/migrating-from-kaffebase.md</c> lists: its table and members.</summary>
internal sealed partial class MigrationGuide
{
    private MigrationGuide(string text)
    {
        Reasons = RowPattern.Matches(text)
            .SelectMany(row => Ids(row.Groups["ids"].Value).Select(id => (id, Reason: row.Groups["reason"].Value)))
            .ToDictionary(entry => entry.id, entry => entry.Reason);
        NewMembers = Names(text, "New members:");
        FilledMembers = Names(text, "Filled members:");
    }

    /// <summary>The id of each case that is answered differently, and why.</summary>
    public IReadOnlyDictionary<string, string> Reasons { get; }

    /// <summary>The members that objects may have in addition.</summary>
    public IReadOnlySet<string> NewMembers { get; }

    /// <summary>The members that have a value where Kaffebase answered <c>null</c>.</summary>
    public IReadOnlySet<string> FilledMembers { get; }

    public static MigrationGuide Read() => new(File.ReadAllText(
        Path.Combine(AppContext.BaseDirectory, "Data", "migrating-from-kaffebase.md")));

    // "New members: `created`, `seq`." up to the full stop, on any number of lines.
    private static HashSet<string> Names(string text, string mark)
    {
        var start = text.IndexOf(mark, StringComparison.Ordinal);
        var sentence = text[start..text.IndexOf('.', start)];
        return [.. NamePattern.Matches(sentence).Select(match => match.Groups["name"].Value)];
    }

    // "R54-R60, R64"
    private static IEnumerable<string> Ids(string ids) => RangePattern.Matches(ids).SelectMany(range =>
    {
        var first = Number(range.Groups["first"].Value);
        var last = range.Groups["last"].Success ? Number(range.Groups["last"].Value) : first;
        return Enumerable.Range(first, last - first + 1).Select(number => $"{range.Groups["part"].Value}{number}");
    });

    private static int Number(string digits) => int.Parse(digits, System.Globalization.CultureInfo.InvariantCulture);

    // | R1, R2-R7 | what | why |
    [GeneratedRegex(@"^\| (?<ids>[RW]\d[RW\d, -]*) \| [^|]+ \| (?<reason>[^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex RowPattern { get; }

    [GeneratedRegex(@"(?<part>[RW])(?<first>\d+)(-\k<part>(?<last>\d+))?")]
    private static partial Regex RangePattern { get; }

    [GeneratedRegex("`(?<name>[^`]+)`")]
    private static partial Regex NamePattern { get; }
}
