using Kaffediem.Persistence;
using Kaffediem.Persistence.Accounts;

namespace Kaffediem.Server.Accounts;

/// <summary>
/// The administrator that Development, and Kaffebase, give a new database. Its password is published: everywhere but in
/// Development nobody is signed in to the account while it has that password.
/// </summary>
internal sealed partial class DevelopmentAccount(
    IHostEnvironment environment, UserStore users, ILogger<DevelopmentAccount> logger)
{
    public const string Email = "admin@kaffediem.test";
    public const string Password = "kaffediem";

    /// <summary>Why nobody is signed in to it.</summary>
    public const string Refusal =
        $"{Email} still has the published password of Development: {Remedy}.";

    private const string Remedy =
        $"give it another one with \"Kaffediem.Server user set-password {Email}\", while the server runs";

    // Guards _compared. A comparison takes a quarter of a second: there is one for each hash that the account has.
    private readonly Lock _lock = new();
    private (string Hash, Task<bool> IsPublished)? _compared;

    /// <summary>Whether the user is that account, with that password, where it does not count.</summary>
    public ValueTask<bool> IsRefusedAsync(User user) =>
        !environment.IsDevelopment() && Is(user.Email) && user.HashedPassword is { } hash
            ? new ValueTask<bool>(CompareAsync(hash))
            : ValueTask.FromResult(false);

    /// <summary>At the start: if the account is refused, says so and ends all its sessions.</summary>
    public async Task EndSessionsAsync(CancellationToken cancellationToken)
    {
        if (!environment.IsDevelopment()
            && await users.FindByEmailAsync(Email, cancellationToken) is { } user
            && await IsRefusedAsync(user))
        {
            Log.Refused(logger, Refusal);
            await EndSessionsAsync(user, cancellationToken);
        }
    }

    /// <summary>Whether an e-mail address is the account's.</summary>
    public static bool Is(string email) => email.Equals(Email, StringComparison.OrdinalIgnoreCase);

    private async Task EndSessionsAsync(User user, CancellationToken cancellationToken)
    {
        try
        {
            await users.SignOutEverywhereAsync(user.Id, cancellationToken);
        }
        catch (Exception exception) when (DatabaseFault.Is(exception))
        {
            // The disk fails: the server starts all the same. The sessions count for nothing anyway.
        }
    }

    private Task<bool> CompareAsync(string hash)
    {
        lock (_lock)
        {
            if (_compared is not { } compared || compared.Hash != hash)
            {
                _compared = compared = (hash, Task.Run(() => Accounts.Password.Matches(Password, hash)));
            }

            return compared.IsPublished;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "{Refusal} Until then nobody can sign in to it. Its sessions have ended.")]
        public static partial void Refused(ILogger logger, string refusal);
    }
}
