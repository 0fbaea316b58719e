using System.Text.RegularExpressions;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Accounts;
using Kaffediem.Server.Hosting;
using Kaffediem.Server.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kaffediem.Server.Commands;

/// <summary>
/// <c>user add|set-password|list|remove</c>: manages the users. Being able to read and write the database file is the
/// only right it needs. A server may be running on the same file; it looks the users up at every request.
/// </summary>
internal sealed partial class UserCommand(
    UserArguments arguments, PasswordPrompt prompt, TextWriter output, TextWriter error)
{
    /// <summary>Runs the command, without starting anything of the server.</summary>
    /// <param name="words">What follows <c>user</c>.</param>
    /// <returns>The <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] words)
    {
        var arguments = UserArguments.Parse(words);
        if (!arguments.IsRead)
        {
            await Console.Error.WriteLineAsync($"{arguments.Error.Message}\n\n{UserArguments.Usage}");
            return ExitCode.NotUnderstood;
        }

        var command = new UserCommand(arguments.Value, PasswordPrompt.OfConsole(), Console.Out, Console.Error);
        return await command.RunAsync(CancellationToken.None);
    }

    private async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (options, isDevelopment) = ServerSettings.Read(arguments.Settings, error);
            return arguments.Action == UserAction.Add
                ? await AddAsync(options, isDevelopment, cancellationToken)
                : await ChangeAsync(options, cancellationToken);
        }
        catch (Exception exception)
        {
            StartFailure.Report(error, "", exception);
            return ExitCode.Refused;
        }
    }

    private async Task<int> AddAsync(DatabaseOptions options, bool isDevelopment, CancellationToken cancellationToken)
    {
        if (RefuseDetails() is { } details)
        {
            return Refuse(details);
        }

        // Checked first, so that no database is created for a user that will be refused.
        if (IsThere(options) && await IsTakenAsync(options, cancellationToken))
        {
            return RefuseTaken();
        }

        var password = ReadPassword();
        if (!password.IsRead)
        {
            return Refuse(password.Error.Message);
        }

        await using var database = Open(options);
        var users = new UserStore(database);
        if (await FirstRun.FillAsync(database, isDevelopment, cancellationToken))
        {
            await output.WriteLineAsync($"Created the database {database.Path}, with a demo menu.");
        }

        var (email, name, isAdmin) = (arguments.Email, arguments.Name, arguments.IsAdmin);
        var result = await users.CreateAsync(email, name, Password.Hash(password.Value), isAdmin, cancellationToken);
        return result is WriteResult<User>.Saved
            ? await SayAsync($"Added {email}{(isAdmin ? ", an administrator" : "")}.")
            : RefuseTaken();
    }

    private async Task<int> ChangeAsync(DatabaseOptions options, CancellationToken cancellationToken)
    {
        if (!IsThere(options))
        {
            return Refuse($"There is no database {options.Path}.");
        }

        await using var database = Open(options);
        var users = new UserStore(database);
        return arguments.Action switch
        {
            UserAction.SetPassword => await SetPasswordAsync(users, cancellationToken),
            UserAction.Remove => await RemoveAsync(users, cancellationToken),
            _ => await ListAsync(users, cancellationToken),
        };
    }

    private async Task<int> SetPasswordAsync(UserStore users, CancellationToken cancellationToken)
    {
        if (await users.FindByEmailAsync(arguments.Email, cancellationToken) is null)
        {
            return RefuseUnknown();
        }

        var password = ReadPassword();
        if (!password.IsRead)
        {
            return Refuse(password.Error.Message);
        }

        var result = await users.SetPasswordAsync(arguments.Email, Password.Hash(password.Value), cancellationToken);
        return result is WriteResult<User>.Saved
            ? await SayAsync($"{arguments.Email} has a new password; all sessions with the old one have ended.")
            : RefuseUnknown();
    }

    private Read<string> ReadPassword()
    {
        var password = prompt.Read();
        return password.Value == DevelopmentAccount.Password && DevelopmentAccount.Is(arguments.Email)
            ? Mistake.Of("This is the published password of the development account: choose another one.")
            : password;
    }

    private async Task<int> RemoveAsync(UserStore users, CancellationToken cancellationToken) =>
        await users.RemoveAsync(arguments.Email, arguments.IsForced, cancellationToken) switch
        {
            WriteResult<User>.Saved => await SayAsync($"Removed {arguments.Email}."),
            WriteResult<User>.NotFound => RefuseUnknown(),
            _ => Refuse($"{arguments.Email} is the last administrator; --force removes it anyway."),
        };

    private async Task<int> ListAsync(UserStore users, CancellationToken cancellationToken)
    {
        foreach (var user in await users.ListAsync(cancellationToken))
        {
            var right = user.IsAdmin ? "administrator" : "";
            var line = $"{user.Id,4}  {Printable(user.Email),-40}  {right,-13}  {Printable(user.Name ?? "")}";
            await output.WriteLineAsync(line.TrimEnd());
        }

        return ExitCode.Done;
    }

    // The rules of Kaffebase (mix phx.gen.auth): an @, no white space, at most 160 characters.
    private string? RefuseDetails() =>
        arguments.Email.Length > 160 || !EmailAddress().IsMatch(arguments.Email) ? "This is not a valid e-mail address."
        : arguments.Name is { } name && (name.Length > 160 || name.Any(char.IsControl))
            ? "The name is too long (160 characters), or has control characters."
        : null;

    private async Task<bool> IsTakenAsync(DatabaseOptions options, CancellationToken cancellationToken)
    {
        await using var database = Open(options);
        return await new UserStore(database).FindByEmailAsync(arguments.Email, cancellationToken) is not null;
    }

    // An empty file is the remains of one that was never filled; the server, too, treats it as a new one.
    private static bool IsThere(DatabaseOptions options) => new FileInfo(options.Path) is { Exists: true, Length: > 0 };

    private static Database Open(DatabaseOptions options) =>
        Database.OpenBesideServer(options, TimeProvider.System, NullLogger<Database>.Instance);

    // Kaffebase accepted control characters, which must not reach the terminal.
    private static string Printable(string text) =>
        string.Concat(text.Select(character => char.IsControl(character) ? '?' : character));

    private async Task<int> SayAsync(string result)
    {
        await output.WriteLineAsync(result);
        return ExitCode.Done;
    }

    private int RefuseUnknown() => Refuse($"There is no user {Printable(arguments.Email)}.");

    private int RefuseTaken() =>
        Refuse($"The user {arguments.Email} exists already; set-password gives a new password.");

    private int Refuse(string reason)
    {
        error.WriteLine(reason);
        return ExitCode.Refused;
    }

    [GeneratedRegex(@"^[^\s@\p{C}]+@[^\s@\p{C}]+$", RegexOptions.CultureInvariant)]
    private static partial Regex EmailAddress();
}
