using Kaffediem.Server.Http;

namespace Kaffediem.Server.Commands;

/// <summary>The command line of <c>user …</c>.</summary>
internal sealed record UserArguments
{
    public const string Usage =
        """
        Usage: Kaffediem.Server user add <e-mail> [--name <name>] [--admin]
               Kaffediem.Server user set-password <e-mail>
               Kaffediem.Server user list
               Kaffediem.Server user remove <e-mail> [--force]

        The password is asked for twice, or, where the standard input is not a terminal, read as one line from it.
        set-password also ends all sessions of the user.
        remove refuses the last administrator without --force.
        The server's settings apply, such as --Database:Path=<file>. The server may be running.
        """;

    private const string NeverAnArgument =
        "A password is never an argument: it is asked for, or read from the standard input.";

    public required UserAction Action { get; init; }

    /// <summary>Empty only for a list.</summary>
    public string Email { get; init; } = "";

    public string? Name { get; init; }

    public bool IsAdmin { get; init; }

    public bool IsForced { get; init; }

    /// <summary>Settings of the server.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Reads what follows <c>user</c>.</summary>
    /// <returns>The arguments, or what is wrong with them.</returns>
    public static Read<UserArguments> Parse(IReadOnlyList<string> words)
    {
        if (words.Count == 0 || FindAction(words[0]) is not { } action)
        {
            return Mistake.Of("Usage: user add|set-password|list|remove");
        }

        var parsed = new UserArguments { Action = action };
        var rest = new Queue<string>(words.Skip(1));
        while (rest.TryDequeue(out var word))
        {
            var next = word.StartsWith('-') ? parsed.WithOption(word, rest) : parsed.WithEmail(word);
            if (!next.IsRead)
            {
                return next;
            }

            parsed = next.Value;
        }

        return action != UserAction.List && parsed.Email.Length == 0
            ? Mistake.Of($"{words[0]} needs the user's e-mail address.")
            : parsed;
    }

    private static UserAction? FindAction(string word) => word switch
    {
        "add" => UserAction.Add,
        "set-password" => UserAction.SetPassword,
        "list" => UserAction.List,
        "remove" => UserAction.Remove,
        _ => null,
    };

    // The word is not repeated in the answer: it may be a password.
    private Read<UserArguments> WithEmail(string word) => (Action, Email) switch
    {
        (UserAction.List, _) => Mistake.Of("list accepts no further argument."),
        (_, "") => this with { Email = word.Trim() },
        (UserAction.Remove, _) => Mistake.Of("remove accepts one e-mail address."),
        _ => Mistake.Of($"There is one argument too many. {NeverAnArgument}"),
    };

    private Read<UserArguments> WithOption(string word, Queue<string> rest)
    {
        var (option, value) = word.Split('=', 2) is [var name, var text] ? (name, text) : (word, null);
        return (Action, option) switch
        {
            (UserAction.Add, "--name") => Valued(option, value, rest, name => this with { Name = name }),
            (UserAction.Add, "--admin") when value is null => this with { IsAdmin = true },
            (UserAction.Remove, "--force") when value is null => this with { IsForced = true },
            _ when option is "-p" || option.Contains("pass", StringComparison.OrdinalIgnoreCase) =>
                Mistake.Of(NeverAnArgument),
            _ when ServerSettings.IsOne(option) =>
                Valued(option, value, rest, text => WithSetting($"{option}={text}")),
            _ => Mistake.Of(ServerSettings.RefuseUnknown(option, OptionsOf(Action))),
        };
    }

    private static string[] OptionsOf(UserAction action) => action switch
    {
        UserAction.Add => ["--name", "--admin"],
        UserAction.Remove => ["--force"],
        _ => [],
    };

    private UserArguments WithSetting(string setting) => this with { Settings = [.. Settings, setting] };

    private static Read<UserArguments> Valued(
        string option, string? value, Queue<string> rest, Func<string, UserArguments> with) =>
        ServerSettings.TakeValue(value, rest) is { } taken ? with(taken) : Mistake.Of($"{option} needs a value.");
}

/// <summary>What to do with a user.</summary>
internal enum UserAction
{
    Add,
    SetPassword,
    List,
    Remove,
}
