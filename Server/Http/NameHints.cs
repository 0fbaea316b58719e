namespace Kaffediem.Server.Http;

/// <summary>What a refusal says about a name that does not exist: which names do, the most similar one first.</summary>
internal static class NameHints
{
    // A client chooses the name, and the answer repeats it.
    private const int MaxLength = 40;

    /// <summary>The name in quotes; a long one is cut.</summary>
    public static string Quote(string name) => name.Length <= MaxLength ? $"\"{name}\"" : $"\"{Cut(name)}…\"";

    /// <summary>The existing names, separated by commas, the most similar one first.</summary>
    public static string List(IEnumerable<string> existing, string name) =>
        string.Join(", ", existing.OrderBy(other => Distance(name, other)));

    /// <summary>The name that was probably meant: it differs by one letter, or by capitals and underscores.</summary>
    public static string? FindMeant(IEnumerable<string> existing, string name) =>
        existing.FirstOrDefault(other => Distance(name, other) <= 1);

    // Levenshtein's distance. Capitals, underscores and hyphens do not count: fromDate is from_date.
    private static int Distance(string name, string other)
    {
        var (from, to) = (Normalize(name), Normalize(other));
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }

    private static string Normalize(string name) =>
        string.Concat(Cut(name).Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private static string Cut(string name) => name.Length <= MaxLength ? name : name[..MaxLength];
}
