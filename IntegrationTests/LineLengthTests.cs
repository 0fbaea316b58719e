using Kaffediem.IntegrationTests.Docs;

namespace Kaffediem.IntegrationTests;

/// <summary>
/// <c>max_line_length</c> of <c>.editorconfig</c>, which the compiler does not check. Text between fences (raw literals
/// in code, examples in documents) is exempt: its lines are those of its content.
/// </summary>
public sealed class LineLengthTests
{
    private const int MaxLength = 120;

    [Fact]
    public void Code_fits_in_120_columns() => Assert.Empty(FindTooLong("*.cs", fence: "\"\"\"", _ => false));

    /// <summary>A row of a table must be one line, so its length is not limited.</summary>
    [Fact]
    public void Prose_fits_in_120_columns() =>
        Assert.Empty(FindTooLong("*.md", fence: "```", line => line.StartsWith('|')));

    private static List<string> FindTooLong(string pattern, string fence, Func<string, bool> isExempt)
    {
        List<string> found = [];
        foreach (var file in Repository.FindFiles(pattern))
        {
            var isInside = false;
            foreach (var (index, line) in File.ReadLines(Path.Combine(Repository.Root, file)).Index())
            {
                var fences = line.Split(fence).Length - 1;
                isInside ^= fences % 2 == 1;
                if (line.Length > MaxLength && fences == 0 && !isInside && !isExempt(line.TrimStart()))
                {
                    found.Add($"{file}:{index + 1}");
                }
            }
        }

        return found;
    }
}
