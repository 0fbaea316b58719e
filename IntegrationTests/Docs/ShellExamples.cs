namespace Kaffediem.IntegrationTests.Docs;

/// <summary>Examples in <c>sh</c>. Comments below a command show its output.</summary>
internal sealed class ShellExamples(DocRun run)
{
    // The smallest PNG: one pixel.
    private const string Png =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    public async Task RunAsync(DocExample example)
    {
        await File.WriteAllBytesAsync(Path.Combine(run.Folder, "latte.png"), Convert.FromBase64String(Png));
        foreach (var command in ShellCommand.ReadAll(example.Lines))
        {
            var output = await ShellCommand.RunAsync(run.Here(command.Text), run.Folder);
            command.Compare(example, run.Blanks, run.Documented(output));
        }
    }
}
