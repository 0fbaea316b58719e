using Kaffediem.Server.Hosting;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Commands;

/// <summary>What the program does instead of serving, if the command line names a command.</summary>
internal static class Command
{
    private static readonly string[] Names = ["user", "backup", "restore", "check", "help", "version"];
    private static readonly string[] HelpWords = ["--help", "-h", "-?", "/?", "/help"];
    private static readonly string[] VersionWords = ["--version", "-v", "/version"];

    /// <summary>Whether the program is started for a command, known or unknown, rather than to serve.</summary>
    public static bool IsAskedFor(string[] words) =>
        IsOne(words) || words.Any(HelpWords.Contains) || words.Any(VersionWords.Contains);

    /// <summary>Runs the command, without starting anything of the server.</summary>
    /// <returns>The <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] words)
    {
        if (words.Any(HelpWords.Contains) || words is ["help"] or [_, "help"])
        {
            await Console.Out.WriteLineAsync(HelpOn(words[0]));
            return ExitCode.Done;
        }

        if (!IsOne(words) || words is ["version"])
        {
            await Console.Out.WriteLineAsync($"Kaffediem {ProgramVersion.Text}");
            return ExitCode.Done;
        }

        return words[0] == "user" ? await UserCommand.RunAsync(words[1..]) : await RunOnFileAsync(words);
    }

    private static bool IsOne(string[] words) =>
        words is [var first, ..] && first is not ['-' or '/', ..] && !first.Contains('=');

    private static string HelpOn(string word) =>
        word == "user" ? UserArguments.Usage
        : FileArguments.FindAction(word) is not null ? FileArguments.Usage
        : Help.Text;

    private static async Task<int> RunOnFileAsync(string[] words)
    {
        var action = FileArguments.FindAction(words[0]);
        Read<FileArguments> arguments = action is null
            ? Mistake.Of($"There is no command {words[0]}.{Spelling.Suggest(Spelling.Nearest(words[0], Names))}")
            : FileArguments.Parse(action.Value, words[1..]);
        if (!arguments.IsRead)
        {
            var usage = action is null ? Help.Commands : FileArguments.Usage;
            await Console.Error.WriteLineAsync($"{arguments.Error.Message}\n\n{usage}");
            return ExitCode.NotUnderstood;
        }

        return new FileCommand(arguments.Value, Console.Out, Console.Error).Run();
    }
}
