using System.Diagnostics;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>A command of an example, and its output, which the comments below it show.</summary>
/// <param name="Index">The command's line in the example, from 0.</param>
/// <param name="Text">The command, which may have several lines.</param>
/// <param name="Output">The output; empty if the example does not show it.</param>
internal sealed record ShellCommand(int Index, string Text, string Output)
{
    public static IReadOnlyList<ShellCommand> ReadAll(IReadOnlyList<string> lines)
    {
        var commands = new List<ShellCommand>();
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Length == 0 || lines[i].StartsWith('#'))
            {
                continue;
            }

            var start = i;
            for (; lines[i].EndsWith('\\'); i++)
            {
                // The command continues in the next line.
            }

            var text = lines.Skip(start).Take(i - start + 1);
            var output = lines.Skip(i + 1).TakeWhile(line => line.StartsWith("# ", StringComparison.Ordinal))
                .Select(line => line[2..]);
            commands.Add(new ShellCommand(start, string.Join('\n', text), string.Join('\n', output)));
        }

        return commands;
    }

    /// <summary>Runs a text in a shell. <see cref="CurlCommand"/> runs <c>curl</c>: not every machine has it.</summary>
    public static async Task<string> RunAsync(string text, string folder)
    {
        if (CurlCommand.Read(text) is { } curl)
        {
            return await curl.RunAsync(folder);
        }

        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", text])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = shell.StandardError.ReadToEndAsync();
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.True(shell.ExitCode == 0, $"{text}: {shell.ExitCode} {output} {await error}");
        return output;
    }

    /// <summary>Fails the test if the command has another output than the documented one.</summary>
    public void Compare(DocExample example, Blanks blanks, string output)
    {
        if (Output.Length > 0 && blanks.FindDifferenceInOutput(Output, output.Trim()) is { } difference)
        {
            example.Fail(Index, $"{difference}, in {output}");
        }
    }
}
