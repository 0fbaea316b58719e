using BCrypt.Net;

namespace Kaffediem.Server.Accounts;

/// <summary>Compares passwords with bcrypt hashes, a quarter of a second of work each.</summary>
/// <param name="bcrypt">Compares a password (first) with a hash.</param>
internal sealed class PasswordVerifier(Func<string, string, bool> bcrypt) : IDisposable
{
    /// <summary>The work of a new hash: 2^12 rounds, as in existing databases.</summary>
    public const int Cost = 12;

    /// <summary>The hash of a password nobody knows: compared where there is no user, so that the answer takes as long.</summary>
    public const string NobodysHash = "$2a$12$mrMLvOdMdS2I15gNP6VW4O7qiJNviJ/tGaE38iDm63rQbcTbwdOi2";

    // bcrypt looks at 72 bytes; what is far longer is not a password somebody typed.
    private const int MaxPasswordLength = 1000;

    // Hashing keeps a core busy. One core is always left to the requests that do not sign in.
    private readonly SemaphoreSlim _cores = new(Math.Max(1, Environment.ProcessorCount - 1));

    /// <summary>Whether the password belongs to the hash. Takes the same time for <c>null</c>, a user without a password or no user.</summary>
    public async Task<bool> VerifyAsync(string password, string? hash, CancellationToken cancellationToken)
    {
        if (password.Length > MaxPasswordLength)
        {
            return false;
        }

        await _cores.WaitAsync(cancellationToken);
        try
        {
            var matches = await Task.Run(() => Matches(password, hash ?? NobodysHash), CancellationToken.None);
            return matches && hash is not null;
        }
        finally
        {
            _cores.Release();
        }
    }

    public void Dispose() => _cores.Dispose();

    private bool Matches(string password, string hash)
    {
        try
        {
            return bcrypt(password, hash);
        }
        catch (Exception exception) when (exception is SaltParseException or ArgumentException)
        {
            // Not a bcrypt hash: nobody's password.
            return false;
        }
    }
}
