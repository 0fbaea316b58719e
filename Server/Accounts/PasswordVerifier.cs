namespace Kaffediem.Server.Accounts;

/// <summary>Compares passwords with bcrypt hashes, a quarter of a second of work each.</summary>
/// <param name="matches">Compares a password (first) with a hash, as <see cref="Password.Matches"/> does.</param>
internal sealed class PasswordVerifier(Func<string, string, bool> matches)
{
    /// <summary>The hash of a password that nobody knows, compared where there is no hash, to take as long.</summary>
    public const string NobodysHash = "$2a$12$mrMLvOdMdS2I15gNP6VW4O7qiJNviJ/tGaE38iDm63rQbcTbwdOi2";

    // bcrypt uses 72 bytes; nobody has typed a password that is far longer.
    private const int MaxPasswordLength = 1000;

    /// <summary>How long it takes to compare the passwords of a full line.</summary>
    public static readonly TimeSpan BusyTime = TimeSpan.FromMinutes(1);

    // Known devices never wait behind strangers.
    private readonly SignInLine _known = new(Turns);
    private readonly SignInLine _strangers = new(Turns);

    /// <summary>
    /// How many passwords of known devices are compared at the same time. Strangers have as many turns again. Each
    /// comparison keeps a core busy.
    /// </summary>
    public static int Turns { get; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>How many passwords wait to be compared.</summary>
    public int Waiting => _known.Waiting + _strangers.Waiting;

    /// <summary>
    /// Compares a password with a user's hash. Takes as long if there is no hash (<c>null</c>), because the user has no
    /// password or does not exist.
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
            // On a thread of its own: the thread pool has few, and other requests would wait for them.
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

/// <summary>The result of <see cref="PasswordVerifier"/>.</summary>
internal enum PasswordCheck
{
    Matches,
    Differs,

    /// <summary>Too many passwords wait to be compared.</summary>
    TooBusy,
}
