using System.Net;
using System.Security.Cryptography;
using System.Text;
using Kaffediem.Protocol;

namespace Kaffediem.Server.Accounts;

/// <summary>
/// Limits failed attempts to sign in, per account and per address. An account is the e-mail address as it was sent,
/// whether or not somebody has it: a limit does not tell who has an account either. An address from which somebody has
/// signed in to an account has attempts of its own there: else whoever knows an e-mail address could keep its owner out
/// for ever, with ten wrong passwords every quarter of an hour. In memory: a restart forgets.
/// </summary>
internal sealed partial class SignInLimiter(AuthOptions options, TimeProvider time, ILogger<SignInLimiter> logger)
{
    // Some 100 bytes each. An attempt costs the attacker a bcrypt comparison of ours, so few get anywhere near.
    private const int Capacity = 20_000;

    // With the address, if it is a known one of the account; else without.
    private readonly AttemptCounts<(string Account, IPAddress? Known)> _byAccount =
        new(options.AttemptsPerAccount, options.AttemptSpan, Capacity);

    private readonly AttemptCounts<IPAddress> _byAddress =
        new(options.AttemptsPerAddress, options.AttemptSpan, Capacity);

    // From where there were successes. Only a right password gets in here.
    private readonly HashSet<(string Account, IPAddress? Network)> _known = [];

    // Guards them all, for one look and one change.
    private readonly Lock _lock = new();

    /// <summary>
    /// Counts an attempt before it is made, so that many at once are no way around the limit. To be followed by
    /// <see cref="Failed"/>, <see cref="Succeeded"/> or <see cref="TakeBack"/>; without, it counts as failed.
    /// </summary>
    /// <returns>Zero; or after how long the next attempt may be made, and this one may not.</returns>
    public TimeSpan Begin(string email, IPAddress? address)
    {
        var (sender, now) = (SenderOf(email, address), time.GetUtcNow());
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
    public void Failed(string email, IPAddress? address)
    {
        var (sender, now) = (SenderOf(email, address), time.GetUtcNow());
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

    /// <summary>The attempt was no failure: the account starts anew. The address gets this attempt back only.</summary>
    public void Succeeded(string email, IPAddress? address)
    {
        var sender = SenderOf(email, address);
        lock (_lock)
        {
            _byAccount.Reset(CountedAs(sender));
            Undo(sender.Network);
            Know(sender);
        }
    }

    /// <summary>The attempt was not made after all.</summary>
    public void TakeBack(string email, IPAddress? address)
    {
        var sender = SenderOf(email, address);
        lock (_lock)
        {
            _byAccount.Undo(CountedAs(sender));
            Undo(sender.Network);
        }
    }

    private (string Account, IPAddress? Known) CountedAs((string Account, IPAddress? Network) sender) =>
        _known.Contains(sender) ? sender : (sender.Account, null);

    private void Know((string Account, IPAddress? Network) sender)
    {
        if (_known.Count >= Capacity)
        {
            _known.Clear();
        }

        _known.Add(sender);
    }

    private void Undo(IPAddress? network)
    {
        if (network is not null)
        {
            _byAddress.Undo(network);
        }
    }

    private static (string Account, IPAddress? Network) SenderOf(string email, IPAddress? address) =>
        (AccountOf(email), address is null ? null : ClientNetwork.Of(address));

    // In any case, as the user is found. The hash keeps long and personal texts out of memory.
    private static string AccountOf(string email) =>
        Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(email.ToLowerInvariant())));

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Sign-ins to an account are refused for now: {Attempts} have failed.")]
        public static partial void AccountLimited(ILogger logger, int attempts);

        [LoggerMessage(LogLevel.Warning, "Sign-ins from {Address} are refused for now: {Attempts} have failed.")]
        public static partial void AddressLimited(ILogger logger, IPAddress address, int attempts);
    }
}
