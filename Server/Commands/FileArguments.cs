namespace Kaffediem.Server.Commands;

/// <summary>What <c>backup</c>, <c>restore</c> and <c>check</c> on the command line ask for.</summary>
internal sealed record FileArguments
{
    public const string Usage =
        """
        Usage: Kaffediem.Server backup <file> [--force]
               Kaffediem.Server restore <file>
               Kaffediem.Server check

        backup copies the database into a file, which --force replaces; a server may be running.
        restore puts such a file, or one of Kaffebase, in the place of the database and keeps what was there; no server
        may be running. Clients that come back load everything anew.
        check reads the whole database and the items' images, and says whether they are in order; a server may be
        running.
        Settings are the server's, such as --Database:Path=<file>.
        """;

    public required FileAction Action { get; init; }

    /// <summary>Empty only for a check.</summary>
    public string File { get; init; } = "";

    public bool IsForced { get; init; }

    /// <summary>Settings as for the server.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    public static FileAction? FindAction(string word) => word switch
    {
        "backup" => FileAction.Backup,
        "restore" => FileAction.Restore,
        "check" => FileAction.Check,
        _ => null,
    };

    /// <summary>Reads what follows the action.</summary>
    /// <returns>The arguments, or what is wrong with them.</returns>
    public static (FileArguments? Arguments, string? Mistake) Parse(FileAction action, IReadOnlyList<string> words)
    {
        var parsed = new FileArguments { Action = action };
        var rest = new Queue<string>(words);
        while (rest.TryDequeue(out var word))
        {
            var (next, mistake) = word.StartsWith('-') ? parsed.WithOption(word, rest) : parsed.WithFile(word);
            if (next is null)
            {
                return (null, mistake);
            }

            parsed = next;
        }

        return action != FileAction.Check && parsed.File.Length == 0
            ? (null, "The name of the backup's file is missing.")
            : (parsed, null);
    }

    private (FileArguments? Next, string? Mistake) WithFile(string word) =>
        Action == FileAction.Check ? (null, "check takes no file: the settings say which database.")
        : File.Length > 0 ? (null, $"One file is enough: what is {word}?")
        : (this with { File = word }, null);

    private (FileArguments? Next, string? Mistake) WithOption(string word, Queue<string> rest)
    {
        var (option, value) = word.Split('=', 2) is [var name, var text] ? (name, text) : (word, null);
        if (Action == FileAction.Backup && word == "--force")
        {
            return (this with { IsForced = true }, null);
        }

        string[] others = Action == FileAction.Backup ? ["--force"] : [];
        return !ServerSettings.IsOne(option) ? (null, ServerSettings.RefuseUnknown(option, others))
            : ServerSettings.TakeValue(value, rest) is { } setting
                ? (this with { Settings = [.. Settings, $"{option}={setting}"] }, null)
            : (null, $"{option} needs a value.");
    }
}

/// <summary>What to do with the database's file.</summary>
internal enum FileAction
{
    Backup,
    Restore,
    Check,
}
