using System.Net;
using System.Security.Cryptography;
using System.Text;
using Kaffediem.Protocol;

namespace Kaffediem.Server.Accounts;

/// <summary>
/// Limits failed attempts to sign in, per account and per address. An account is the e-mail address as it was sent,
/// whether or not a user has it, so that a limit does not reveal who has an account; together with the password that it
/// has now, so that a new password, which the command line may have set, has its own attempts. An address from which a
/// user has signed in to an account has its own attempts there. Otherwise anybody who knows an e-mail address could
/// lock its owner out with ten wrong passwords every quarter of an hour. All counts are in memory: a restart forgets
/// them.
/// </summary>
internal sealed partial class SignInLimiter(AuthOptions options, TimeProvider time, ILogger<SignInLimiter> logger)
{
    // Some 100 bytes each. An attempt costs the attacker a bcrypt comparison of ours, so few get anywhere near.
    private const int Capacity = 20_000;

    // With the network, if the user has signed in from it.
    private readonly AttemptCounts<(string Account, IPAddress? Known)> _byAccount =
        new(options.AttemptsPerAccount, options.AttemptSpan, Capacity);

    private readonly AttemptCounts<IPAddress> _byAddress =
        new(options.AttemptsPerAddress, options.AttemptSpan, Capacity);

    // The networks from which users have signed in. Only a right password adds one.
    private readonly HashSet<(string Email, IPAddress? Network)> _known = [];

    // Guards them all, for one look and one change.
    private readonly Lock _lock = new();

    /// <summary>
    /// Counts an attempt before it is made, so that many at once are no way around the limit. To be followed by
    /// <see cref="Failed"/>, <see cref="Succeeded"/> or <see cref="TakeBack"/>; without, it counts as failed.
    /// </summary>
    /// <returns>Zero; or after how long the next attempt may be made, and this one may not.</returns>
    public TimeSpan Begin(SignInAttempt attempt)
    {
        var (sender, now) = (Sender.Of(attempt), time.GetUtcNow());
        var network = sender.Network;
        lock (_lock)
        {
            var account = CountedAs(sender);
            var forAccount = _byAccount.WaitFor(account, now);
            var forAddress = network is null ? TimeSpan.Zero : _byAddress.WaitFor(network, now);
            if (forAccount > TimeSpan.Zero || forAddress > TimeSpan.Zero)
            {
                return forAccount > forAddress ? forAccount : forAddress;
            }

            _byAccount.Add(account, now);
            if (network is not null)
            {
                _byAddress.Add(network, now);
            }
        }

        return TimeSpan.Zero;
    }

    /// <summary>The attempt has failed, and stays counted.</summary>
    public void Failed(SignInAttempt attempt)
    {
        var (sender, now) = (Sender.Of(attempt), time.GetUtcNow());
        var network = sender.Network;
        lock (_lock)
        {
            if (_byAccount.WaitFor(CountedAs(sender), now) > TimeSpan.Zero)
            {
                Log.AccountLimited(logger, options.AttemptsPerAccount);
            }

            if (network is not null && _byAddress.WaitFor(network, now) > TimeSpan.Zero)
            {
                Log.AddressLimited(logger, network, options.AttemptsPerAddress);
            }
        }
    }

    /// <summary>The attempt has succeeded: the account's count is reset, and the address gets this attempt back.</summary>
    public void Succeeded(SignInAttempt attempt)
    {
        var sender = Sender.Of(attempt);
        lock (_lock)
        {
            _byAccount.Reset(CountedAs(sender));
            Undo(sender.Network);
            Know(sender);
        }
    }

    /// <summary>The attempt was not made after all.</summary>
    public void TakeBack(SignInAttempt attempt)
    {
        var sender = Sender.Of(attempt);
        lock (_lock)
        {
            _byAccount.Undo(CountedAs(sender));
            Undo(sender.Network);
        }
    }

    private (string Account, IPAddress? Known) CountedAs(Sender sender) =>
        (sender.Account, _known.Contains((sender.Email, sender.Network)) ? sender.Network : null);

    private void Know(Sender sender)
    {
        if (_known.Count >= Capacity)
        {
            _known.Clear();
        }

        _known.Add((sender.Email, sender.Network));
    }

    private void Undo(IPAddress? network)
    {
        if (network is not null)
        {
            _byAddress.Undo(network);
        }
    }

    private readonly record struct Sender(string Email, string Account, IPAddress? Network)
    {
        // Case does not matter, as when the user is looked up.
        public static Sender Of(SignInAttempt attempt)
        {
            var email = attempt.Email.ToLowerInvariant();
            return new Sender(
                Hash(email),
                Hash($"{attempt.HashedPassword} {email}"),
                attempt.Address is null ? null : ClientNetwork.Of(attempt.Address));
        }

        // Keeps long and personal texts out of memory.
        private static string Hash(string text) =>
            Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Sign-ins to an account are refused for now: {Attempts} have failed.")]
        public static partial void AccountLimited(ILogger logger, int attempts);

        [LoggerMessage(LogLevel.Warning, "Sign-ins from {Address} are refused for now: {Attempts} have failed.")]
        public static partial void AddressLimited(ILogger logger, IPAddress address, int attempts);
    }
}

/// <summary>An attempt to sign in.</summary>
/// <param name="Email">The address, as sent.</param>
/// <param name="HashedPassword">The password that the account has; <c>null</c> for no account or no password.</param>
/// <param name="Address">The client's address.</param>
internal readonly record struct SignInAttempt(string Email, string? HashedPassword, IPAddress? Address)
{
    /// <summary>Nothing of it belongs into a log.</summary>
    public override string ToString() => nameof(SignInAttempt);
}
