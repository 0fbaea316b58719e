namespace Kaffediem.IntegrationTests.Docs;

/// <summary>A fenced example of a Markdown file.</summary>
/// <param name="File">The file, for example <c>docs/rest.md</c>.</param>
/// <param name="Line">The number of its first line, from 1.</param>
/// <param name="Language">The word behind the fence, for example <c>http</c>.</param>
/// <param name="Lines">The lines between the fences.</param>
internal sealed record DocExample(string File, int Line, string Language, IReadOnlyList<string> Lines)
{
    private const string Fence = "```";

    public static IReadOnlyList<DocExample> ReadAll(string file)
    {
        var examples = new List<DocExample>();
        List<string>? lines = null;
        foreach (var (index, line) in Repository.Read(file).Split('\n').Index())
        {
            if (!line.StartsWith(Fence, StringComparison.Ordinal))
            {
                lines?.Add(line);
            }
            else if (lines is null)
            {
                lines = [];
                examples.Add(new DocExample(file, index + 2, line[Fence.Length..], lines));
            }
            else
            {
                lines = null;
            }
        }

        Assert.True(lines is null, $"{file}: the last fence is not closed");
        return examples;
    }

    /// <summary>Fails the test and names the line.</summary>
    /// <param name="index">The line of the example, from 0.</param>
    /// <param name="message">The fault.</param>
    public void Fail(int index, string message) => Assert.Fail($"{File}:{Line + index}: {message}");
}
