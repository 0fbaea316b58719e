namespace Kaffediem.Persistence.Accounts;

/// <summary>A browser from which a user has signed in before.</summary>
public sealed record KnownDevice
{
    /// <summary>Whether the user's password was changed after the last sign-in from it.</summary>
    public required bool HasOldPassword { get; init; }
}

/// <summary>The token that a browser gets when a user signs in.</summary>
/// <param name="Hash">SHA-256 of the token, 32 bytes.</param>
/// <param name="Replaced">
/// The hash of the browser's token so far; <see langword="null"/> if it has none.
/// </param>
public sealed record DeviceToken(byte[] Hash, byte[]? Replaced);
