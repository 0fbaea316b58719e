namespace Kaffediem.Server.Http;

/// <summary>Text for refusals of unknown names: the existing names, the most similar one first.</summary>
internal static class NameHints
{
    // The answer repeats a name that the client chose, so it is cut.
    private const int MaxLength = 40;

    /// <summary>The name in quotes; a long one is cut.</summary>
    public static string Quote(string name) => name.Length <= MaxLength ? $"\"{name}\"" : $"\"{Cut(name)}…\"";

    /// <summary>The existing names, separated by commas, the most similar one first.</summary>
    public static string List(IEnumerable<string> existing, string name)
    {
        var normalized = Normalize(name);
        return string.Join(", ", existing.OrderBy(other => Spelling.Distance(normalized, Normalize(other))));
    }

    /// <summary>
    /// The name that was probably meant, which differs by one letter or by capitals and underscores; otherwise
    /// <c>null</c>.
    /// </summary>
    public static string? FindMeant(IEnumerable<string> existing, string name) =>
        existing.FirstOrDefault(other => Distance(name, other) <= 1);

    // Capitals, underscores and hyphens do not count: fromDate is from_date.
    private static int Distance(string name, string other) => Spelling.Distance(Normalize(name), Normalize(other));

    private static string Normalize(string name) =>
        string.Concat(Cut(name).Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private static string Cut(string name) => name.Length <= MaxLength ? name : name[..MaxLength];
}
