using Kaffediem.Server.Accounts;

namespace Kaffediem.Server.Commands;

/// <summary>What the program can be asked to do instead of serving.</summary>
internal static class Command
{
    private const int Done = 0;
    private const int NotUnderstood = 2;

    private const string Usage = $"{UserArguments.Usage}\n\n{FileArguments.Usage}";

    /// <summary>Whether the program is started for a command, be it an unknown one, rather than to serve.</summary>
    public static bool IsAskedFor(string[] words) =>
        words is [var first, ..]
        && (first is "--help" or "-h" || (first is not ['-' or '/', ..] && !first.Contains('=')));

    /// <summary>Runs the command, without starting anything of the server.</summary>
    /// <returns>The exit code: 0 done, 1 refused, 2 not understood.</returns>
    public static async Task<int> RunAsync(string[] words)
    {
        var action = FileArguments.FindAction(words[0]);
        var usage = words[0] == "user" ? UserArguments.Usage : action is null ? Usage : FileArguments.Usage;
        if (words.Any(word => word is "--help" or "-h") || words is ["help"] or [_, "help"])
        {
            await Console.Out.WriteLineAsync(usage);
            return Done;
        }

        if (words[0] == "user")
        {
            return await UserCommand.RunAsync(words[1..]);
        }

        var (arguments, mistake) = action is null
            ? (null, $"There is no command {words[0]}.")
            : FileArguments.Parse(action.Value, words[1..]);
        if (arguments is null)
        {
            await Console.Error.WriteLineAsync($"{mistake}\n\n{usage}");
            return NotUnderstood;
        }

        return new FileCommand(arguments, Console.Out, Console.Error).Run();
    }
}
