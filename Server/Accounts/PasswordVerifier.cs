namespace Kaffediem.Server.Accounts;

/// <summary>Compares passwords with bcrypt hashes, a quarter of a second of work each.</summary>
/// <param name="matches">Compares a password (first) with a hash, as <see cref="Password.Matches"/> does.</param>
internal sealed class PasswordVerifier(Func<string, string, bool> matches)
{
    /// <summary>The hash of a password nobody knows, compared where there is none: the answer takes as long.</summary>
    public const string NobodysHash = "$2a$12$mrMLvOdMdS2I15gNP6VW4O7qiJNviJ/tGaE38iDm63rQbcTbwdOi2";

    // bcrypt looks at 72 bytes; what is far longer is not a password somebody typed.
    private const int MaxPasswordLength = 1000;

    /// <summary>After how long those who wait have been served.</summary>
    public static readonly TimeSpan BusyTime = TimeSpan.FromMinutes(1);

    // Known devices never wait behind strangers.
    private readonly SignInLine _known = new(Turns);
    private readonly SignInLine _strangers = new(Turns);

    /// <summary>
    /// How many passwords of known devices are compared at the same time, and as many again of strangers. Each keeps
    /// a core busy.
    /// </summary>
    public static int Turns { get; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>How many passwords wait to be compared.</summary>
    public int Waiting => _known.Waiting + _strangers.Waiting;

    /// <summary>
    /// Compares a password with a user's hash. Takes the same time where there is none (<c>null</c>): a user without a
    /// password, or no user.
    /// </summary>
    public async Task<PasswordCheck> CheckAsync(
        string password, string? hash, LineShare share, CancellationToken cancellationToken)
    {
        if (password.Length > MaxPasswordLength)
        {
            return PasswordCheck.Differs;
        }

        var line = share.IsKnown ? _known : _strangers;
        if (!await line.EnterAsync(share.Owner, cancellationToken))
        {
            return PasswordCheck.TooBusy;
        }

        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            // On a thread of its own: on the thread pool, which has few, it would keep other requests waiting.
            var isSame = await Task.Factory.StartNew(
                () => matches(password, hash ?? NobodysHash),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            return isSame && hash is not null ? PasswordCheck.Matches : PasswordCheck.Differs;
        }
        finally
        {
            line.Leave();
        }
    }
}

/// <summary>What <see cref="PasswordVerifier"/> finds.</summary>
internal enum PasswordCheck
{
    Matches,
    Differs,

    /// <summary>Too many wait to be compared.</summary>
    TooBusy,
}
