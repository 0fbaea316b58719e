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
}
