namespace Kaffediem.Persistence.Accounts;

/// <summary>A user.</summary>
public sealed record User
{
    /// <summary>The row's id, from 1.</summary>
    public required long Id { get; init; }

    /// <summary>Unique, whatever its case.</summary>
    public required string Email { get; init; }

    /// <summary>The user's name; may be <see langword="null"/>.</summary>
    public required string? Name { get; init; }

    /// <summary>Whether the user may do everything.</summary>
    public required bool IsAdmin { get; init; }

    /// <summary>bcrypt; <see langword="null"/> for a user who cannot sign in with a password.</summary>
    public required string? HashedPassword { get; init; }

    /// <summary>Only the id: the other values must not get into a log by accident.</summary>
    public override string ToString() => $"User {Id}";
}
