using Kaffediem.Server.Hosting;

namespace Kaffediem.Server.Commands;

/// <summary>The text of <c>--help</c>.</summary>
internal static class Help
{
    /// <summary>How the commands are used.</summary>
    public const string Commands = $"{UserArguments.Usage}\n\n{FileArguments.Usage}";

    private const string Server =
        """
        Usage: Kaffediem.Server [--<setting>=<value> ...]
               Kaffediem.Server <command> ...
               Kaffediem.Server --help | --version

        Without a command it is the server, which runs until it is stopped.
        """;

    private const string Sources =
        """
        Settings are given on the command line (--Database:Path=<file>), in the environment (Database__Path=<file>)
        or in appsettings.json, in the folder the server is started in or beside the program:
        """;

    /// <summary>How the program is started, its commands, and the settings with their defaults.</summary>
    public static string Text =>
        $"Kaffediem {ProgramVersion.Text}\n\n{Server}\n\n{Commands}\n\n{Sources}\n\n"
        + string.Join('\n', KnownSettings.All.Select(Describe));

    private static string Describe(Setting setting)
    {
        var initial = setting.DefaultText.Length == 0 ? "none" : setting.DefaultText;
        var old = setting.OldName is { } name ? $"; also {name}" : "";
        return $"  --{setting.Name} (default: {initial}{old})\n      {setting.Description}".TrimEnd();
    }
}
