using System.Text;
using BCrypt.Net;

namespace Kaffediem.Server.Accounts;

/// <summary>The rules for new passwords, and the hashes of passwords.</summary>
internal static class Password
{
    private const int MinLength = 8;

    // bcrypt ignores further bytes.
    private const int MaxBytes = 72;

    // 2^12 rounds, as in existing databases.
    private const int Cost = 12;

    // The revision of existing hashes, so that Kaffebase can read new ones as well.
    private const char Revision = 'b';

    // The console replaces bytes that are not text with it.
    private const char Replacement = '\uFFFD';

    /// <summary>Why a password is refused; <c>null</c> if it is acceptable.</summary>
    public static string? Refuse(string password) =>
        password.Contains(Replacement) || password.Any(char.IsControl)
            ? "The password is not plain text: it has bytes that are not UTF-8, or control characters."
        : password.EnumerateRunes().Count() < MinLength
            ? $"The password is too short: it needs at least {MinLength} characters."
        : Encoding.UTF8.GetByteCount(password) > MaxBytes
            ? $"The password is too long: it may have at most {MaxBytes} bytes (letters such as å and ø have two)."
        : null;

    /// <summary>The bcrypt hash; a quarter of a second of work.</summary>
    public static string Hash(string password) =>
        BCrypt.Net.BCrypt.HashPassword(password, BCrypt.Net.BCrypt.GenerateSalt(Cost, Revision));

    /// <summary>
    /// Whether a hash is the password's; as much work as hashing. A text that is not a bcrypt hash matches none.
    /// </summary>
    public static bool Matches(string password, string hash)
    {
        try
        {
            return BCrypt.Net.BCrypt.Verify(password, hash);
        }
        catch (Exception exception) when (exception is SaltParseException or ArgumentException)
        {
            return false;
        }
    }
}
