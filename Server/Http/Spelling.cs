namespace Kaffediem.Server.Http;

/// <summary>Finds the known name that a misspelled one was probably meant to be.</summary>
internal static class Spelling
{
    /// <summary>The nearest name, ignoring case; <c>null</c> if none is near enough.</summary>
    /// <param name="word">The misspelled name: one typing error is allowed, and one more per six letters.</param>
    /// <param name="names">The known names.</param>
    public static string? Nearest(string word, IEnumerable<string> names) =>
        names.Select(name => (name, Distance: Distance(word.ToUpperInvariant(), name.ToUpperInvariant())))
            .Where(candidate => candidate.Distance <= 1 + (word.Length / 6))
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.name)
            .FirstOrDefault();

    /// <summary>"Did you mean …?" after a blank, or nothing.</summary>
    public static string Suggest(string? name) => name is null ? "" : $" Did you mean {name}?";

    /// <summary>
    /// Levenshtein's distance, with a swap of two neighbours as one more kind of error ("optimal string alignment").
    /// </summary>
    public static int Distance(string a, string b)
    {
        // One array for all rows of b.Length + 1. Clients choose some of the words, and a two-dimensional array would
        // cost more than the computation.
        var width = b.Length + 1;
        var distance = new int[(a.Length + 1) * width];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                var at = (i * width) + j;
                distance[at] = i == 0 || j == 0 ? i + j : Math.Min(
                    Math.Min(distance[at - width], distance[at - 1]) + 1,
                    distance[at - width - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    distance[at] = Math.Min(distance[at], distance[at - (2 * width) - 2] + 1);
                }
            }
        }

        return distance[^1];
    }
}
