using System.Text;
using BCrypt.Net;

namespace Kaffediem.Server.Accounts;

/// <summary>Passwords: what is required of a new one, and their hashes.</summary>
internal static class Password
{
    private const int MinLength = 8;

    // bcrypt looks at no more: what comes behind would not count.
    private const int MaxBytes = 72;

    // 2^12 rounds, as in existing databases.
    private const int Cost = 12;

    // How existing hashes begin, so that the back end being replaced reads new ones as well.
    private const char Revision = 'b';

    // What the console makes of bytes that are no text.
    private const char Replacement = '\uFFFD';

    /// <summary>Why a password is refused; <c>null</c> when it is good.</summary>
    public static string? Refuse(string password) =>
        password.Contains(Replacement) || password.Any(char.IsControl)
            ? "The password is not plain text: it has bytes that are no UTF-8, or control characters."
        : password.EnumerateRunes().Count() < MinLength
            ? $"The password is too short: it needs at least {MinLength} characters."
        : Encoding.UTF8.GetByteCount(password) > MaxBytes
            ? $"The password is too long: it may have at most {MaxBytes} bytes (letters such as å and ø have two)."
        : null;

    /// <summary>The bcrypt hash; a quarter of a second of work.</summary>
    public static string Hash(string password) =>
        BCrypt.Net.BCrypt.HashPassword(password, BCrypt.Net.BCrypt.GenerateSalt(Cost, Revision));

    /// <summary>Whether a hash is the password's; as much work. A text that is not a bcrypt hash is nobody's.</summary>
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
