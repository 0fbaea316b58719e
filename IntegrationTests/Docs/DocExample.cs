namespace Kaffediem.IntegrationTests.Docs;

/// <summary>A fenced example of a Markdown file.</summary>
/// <param name="File">Such as <c>docs/rest.md</c>.</param>
/// <param name="Line">The number of its first line, from 1.</param>
/// <param name="Language">What stands behind the fence, such as <c>http</c>.</param>
/// <param name="Lines">What is in it.</param>
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

        Assert.True(lines is null, $"{file}: a fence is open at the end");
        return examples;
    }

    /// <summary>Fails the test, and names the line.</summary>
    /// <param name="index">The line of the example, from 0.</param>
    /// <param name="message">What is wrong.</param>
    public void Fail(int index, string message) => Assert.Fail($"{File}:{Line + index}: {message}");
}
