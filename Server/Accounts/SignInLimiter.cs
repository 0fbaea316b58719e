using System.Net;
using System.Security.Cryptography;
using System.Text;
using Kaffediem.Protocol;

namespace Kaffediem.Server.Accounts;

/// <summary>
/// Limits failed sign-ins. Those of strangers count for the account and for the address. An account is identified by
/// the e-mail address as it was sent, whether or not a user has it, so that a limit does not reveal which accounts
/// exist; and by its current password, so that a new one, which the command line may have set, has its own attempts.
/// <para>
/// With these two alone, anybody who knows an e-mail address could lock its owner out with ten wrong passwords every
/// quarter of an hour, and anybody on the same network could do so with fifty. Therefore the attempts of a known device
/// count for the device alone. An address from which a user has signed in to an account since the start has its own
/// attempts there, too.
/// </para>
/// All counts are in memory: a restart clears them.
/// </summary>
internal sealed partial class SignInLimiter(AuthOptions options, TimeProvider time, ILogger<SignInLimiter> logger)
{
    // About 100 bytes each. Every attempt has to wait for a bcrypt comparison, so an attacker hardly reaches this.
    private const int Capacity = 20_000;

    private readonly AttemptCounts<string> _byAccount = new(options.AttemptsPerAccount, options.AttemptSpan, Capacity);
    private readonly AttemptCounts<string> _byAddress = new(options.AttemptsPerAddress, options.AttemptSpan, Capacity);

    // Separate from the accounts', so that strangers cannot displace them.
    private readonly AttemptCounts<string> _byDevice = new(options.AttemptsPerAccount, options.AttemptSpan, Capacity);

    private readonly KnownAddresses _known = new();
    private readonly LogThrottle _throttle = new(time);

    // Guards the counts and _known, for one look and one change.
    private readonly Lock _lock = new();

    /// <summary>
    /// Counts an attempt before it is made, so that many at once cannot get around the limit. To be followed by
    /// <see cref="Failed"/>, <see cref="Succeeded"/> or <see cref="Undo"/>; without them it counts as failed.
    /// </summary>
    /// <returns>Zero; otherwise this attempt is refused, and the next one may be made after that long.</returns>
    public TimeSpan Begin(SignInAttempt attempt)
    {
        var (sender, now) = (Sender.Of(attempt), time.GetUtcNow());
        lock (_lock)
        {
            var counters = CountersOf(sender);
            var wait = counters.Max(counter => counter.Counts.WaitFor(counter.Key, now));
            if (wait == TimeSpan.Zero)
            {
                counters.ForEach(counter => counter.Counts.Add(counter.Key, now));
            }

            return wait;
        }
    }

    /// <summary>The attempt has failed, and stays counted.</summary>
    public void Failed(SignInAttempt attempt)
    {
        var (sender, now) = (Sender.Of(attempt), time.GetUtcNow());
        List<Counter> reached;
        lock (_lock)
        {
            reached = CountersOf(sender).FindAll(counter => counter.Counts.WaitFor(counter.Key, now) > TimeSpan.Zero);
        }

        reached.ForEach(counter => LogReached(counter, sender));
    }

    /// <summary>
    /// The attempt has succeeded: the account's count is reset, and for the address this attempt does not count.
    /// </summary>
    public void Succeeded(SignInAttempt attempt)
    {
        var sender = Sender.Of(attempt);
        lock (_lock)
        {
            var counters = CountersOf(sender);
            counters.ForEach(counter => counter.Counts.Undo(counter.Key));
            counters[0].Counts.Reset(counters[0].Key);
            _known.Add(sender.Email, sender.Network);
        }
    }

    /// <summary>The attempt was not made after all.</summary>
    public void Undo(SignInAttempt attempt)
    {
        var sender = Sender.Of(attempt);
        lock (_lock)
        {
            CountersOf(sender).ForEach(counter => counter.Counts.Undo(counter.Key));
        }
    }

    // The counter of the account, or of a known device of it, comes first.
    private List<Counter> CountersOf(Sender sender)
    {
        if (sender.Device is { } device)
        {
            return [new Counter(_byDevice, $"{sender.Account} {device}")];
        }

        var known = _known.Contains(sender.Email, sender.Network) ? $" {sender.Network}" : "";
        var account = new Counter(_byAccount, sender.Account + known);
        return sender.Network is { } network ? [account, new Counter(_byAddress, $"{network}")] : [account];
    }

    // Clients choose the accounts and, with IPv6, their addresses, so each kind is logged once a minute.
    private void LogReached(Counter counter, Sender sender)
    {
        if (counter.Counts == _byAddress)
        {
            if (_throttle.Allows("address", out var leftOut))
            {
                // Only a sender with a network has this counter.
                Log.AddressLimited(logger, sender.Network!, options.AttemptsPerAddress, leftOut);
            }
        }
        else if (_throttle.Allows("account", out var leftOut))
        {
            Log.AccountLimited(logger, options.AttemptsPerAccount, leftOut);
        }
    }

    private readonly record struct Counter(AttemptCounts<string> Counts, string Key);

    private readonly record struct Sender(string Email, string Account, IPAddress? Network, string? Device)
    {
        // Case is ignored here because it is ignored when the user is looked up.
        public static Sender Of(SignInAttempt attempt)
        {
            var email = attempt.Email.ToLowerInvariant();
            return new Sender(
                Hash(email),
                Hash($"{attempt.HashedPassword} {email}"),
                ClientNetwork.Of(attempt.Address),
                attempt.Device?.Key);
        }

        // Keeps long and personal texts out of memory.
        private static string Hash(string text) =>
            Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "Sign-ins to an account are refused for now: {Attempts} have failed. "
            + "{LeftOut} more accounts were refused since the last such line.")]
        public static partial void AccountLimited(ILogger logger, int attempts, int leftOut);

        [LoggerMessage(
            LogLevel.Warning,
            "Sign-ins from {Address} are refused for now: {Attempts} have failed. "
            + "{LeftOut} more addresses were refused since the last such line.")]
        public static partial void AddressLimited(ILogger logger, IPAddress address, int attempts, int leftOut);
    }
}

/// <summary>An attempt to sign in.</summary>
/// <param name="Email">The address, as sent.</param>
/// <param name="HashedPassword">The account's password; <c>null</c> for no account or no password.</param>
/// <param name="Address">The client's address.</param>
/// <param name="Device">The known device of the account that it comes from; <c>null</c> for a stranger.</param>
internal readonly record struct SignInAttempt(
    string Email, string? HashedPassword, IPAddress? Address, SignInDevice? Device)
{
    /// <summary>Only the name of the type: none of its values may get into a log.</summary>
    public override string ToString() => nameof(SignInAttempt);
}
