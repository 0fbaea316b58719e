using System.Diagnostics;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>
/// Examples in <c>sh</c>. Comments below a command show its output. <see cref="CurlCommand"/> runs <c>curl</c>, because
/// not every machine has it.
/// </summary>
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
            var output = run.Documented(await RunAsync(example, command)).Trim();
            var difference = command.Output.Length == 0 ? null
                : command.Output is ['{' or '[', ..] ? run.Blanks.FindDifference(command.Output, output)
                : run.Blanks.Fits(command.Output, output) ? null
                : "it differs";
            if (difference is not null)
            {
                example.Fail(command.Index, $"expected {command.Output}, got {output}: {difference}");
            }
        }
    }

    private async Task<string> RunAsync(DocExample example, ShellCommand command)
    {
        var text = run.Here(command.Text);
        if (CurlCommand.Read(text) is { } curl)
        {
            return await curl.RunAsync(run.Folder);
        }

        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", text])
        {
            WorkingDirectory = run.Folder,
            RedirectStandardOutput = true,
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            example.Fail(command.Index, $"exit code {process.ExitCode}: {output}");
        }

        return output;
    }
}
