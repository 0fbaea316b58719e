using Kaffediem.Server.Http;

namespace Kaffediem.Server.Commands;

/// <summary>The command line of <c>backup</c>, <c>restore</c> and <c>check</c>.</summary>
internal sealed record FileArguments
{
    public const string Usage =
        """
        Usage: Kaffediem.Server backup <file> [--force]
               Kaffediem.Server restore <file>
               Kaffediem.Server check

        backup copies the database into a file, which --force replaces; a server may be running.
        restore replaces the database with such a file, or with one of Kaffebase, and keeps the old one; no server may
        be running. Clients that come back load everything anew.
        check reads the whole database and the items' images, and reports problems; a server may be running.
        The server's settings apply, such as --Database:Path=<file>.
        """;

    public required FileAction Action { get; init; }

    /// <summary>Empty only for a check.</summary>
    public string File { get; init; } = "";

    public bool IsForced { get; init; }

    /// <summary>Settings of the server.</summary>
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
    public static Read<FileArguments> Parse(FileAction action, IReadOnlyList<string> words)
    {
        var parsed = new FileArguments { Action = action };
        var rest = new Queue<string>(words);
        while (rest.TryDequeue(out var word))
        {
            var next = word.StartsWith('-') ? parsed.WithOption(word, rest) : parsed.WithFile(word);
            if (!next.IsRead)
            {
                return next;
            }

            parsed = next.Value;
        }

        return action != FileAction.Check && parsed.File.Length == 0
            ? Mistake.Of("The name of the backup's file is missing.")
            : parsed;
    }

    private Read<FileArguments> WithFile(string word) =>
        Action == FileAction.Check ? Mistake.Of("check accepts no file: the settings name the database.")
        : File.Length > 0 ? Mistake.Of($"One file is enough; {word} is one too many.")
        : this with { File = word };

    private Read<FileArguments> WithOption(string word, Queue<string> rest)
    {
        var (option, value) = word.Split('=', 2) is [var name, var text] ? (name, text) : (word, null);
        if (Action == FileAction.Backup && word == "--force")
        {
            return this with { IsForced = true };
        }

        string[] others = Action == FileAction.Backup ? ["--force"] : [];
        return !ServerSettings.IsOne(option) ? Mistake.Of(ServerSettings.RefuseUnknown(option, others))
            : ServerSettings.TakeValue(value, rest) is { } setting
                ? this with { Settings = [.. Settings, $"{option}={setting}"] }
            : Mistake.Of($"{option} needs a value.");
    }
}

/// <summary>What to do with the database's file.</summary>
internal enum FileAction
{
    Backup,
    Restore,
    Check,
}
