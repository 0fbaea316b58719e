using Dapper;
using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Persistence.Accounts;

/// <summary>
/// The browsers from which users have signed in, by the hash of a token. The change log does not have them.
/// </summary>
public sealed class KnownDeviceStore(Database database)
{
    /// <summary>How long after its last sign-in a device is forgotten.</summary>
    // No browser stores a cookie for longer (RFC 6265bis §5.5, "400 days").
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(400);

    /// <summary>How many devices of a user are remembered.</summary>
    public const int MaxPerUser = 100;

    /// <summary>
    /// The device with this token, if the user has signed in from it; otherwise <see langword="null"/>.
    /// </summary>
    public Task<KnownDevice?> FindAsync(
        byte[] tokenHash, long userId, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(
            transaction => transaction.Connection.QuerySingleOrDefault<KnownDevice>(
                """
                SELECT has_old_password AS HasOldPassword
                  FROM known_device
                 WHERE token_hash = @tokenHash
                   AND user_id = @userId
                   AND used_at > @oldest
                """,
                new { tokenHash, userId, oldest = Timestamp.Format(now - Lifetime) }),
            cancellationToken);

    /// <summary>
    /// Makes a user's device known, as part of a sign-in. Each sign-in gives the device a new token, which replaces the
    /// old one for all users of the device: a stolen token is worthless once its owner has signed in again.
    /// </summary>
    internal static void Remember(WriteTransaction transaction, long userId, DeviceToken token)
    {
        transaction.Connection.Execute(
            """
            UPDATE known_device
               SET token_hash = @Hash
             WHERE token_hash = @Replaced
            """,
            new { token.Hash, token.Replaced });
        transaction.Connection.Execute(
            """
            INSERT INTO known_device (token_hash, user_id, has_returned, has_old_password, used_at)
                 VALUES (@Hash, @userId, 0, 0, @Timestamp)
            ON CONFLICT DO UPDATE SET has_returned = 1, has_old_password = 0, used_at = @Timestamp
            """,
            new { token.Hash, userId, transaction.Timestamp });
        Forget(transaction, userId, token.Hash);
    }

    /// <summary>
    /// Marks the user's devices, as part of a change of the password. They stay known: otherwise an attacker who keeps
    /// failing to sign in would lock the owner out again as soon as the new password is set.
    /// </summary>
    internal static void PasswordChanged(WriteTransaction transaction, long userId) =>
        transaction.Connection.Execute(
            """
            UPDATE known_device
               SET has_old_password = 1
             WHERE user_id = @userId
            """,
            new { userId });

    /// <summary>Forgets all devices of a user, as part of another write.</summary>
    internal static void DeleteAll(WriteTransaction transaction, long userId) =>
        transaction.Connection.Execute(
            """
            DELETE FROM known_device
                  WHERE user_id = @userId
            """,
            new { userId });

    private static void Forget(WriteTransaction transaction, long userId, byte[] current)
    {
        transaction.Connection.Execute(
            """
            DELETE FROM known_device
                  WHERE used_at <= @oldest
            """,
            new { oldest = Timestamp.Format(transaction.Now - Lifetime) });
        // Devices that have never returned go first: a program that keeps no cookies must not displace the shop's
        // tablets.
        transaction.Connection.Execute(
            """
            DELETE FROM known_device
                  WHERE user_id = @userId
                    AND token_hash <> @current
                    AND token_hash NOT IN (SELECT token_hash
                                             FROM known_device
                                            WHERE user_id = @userId
                                              AND token_hash <> @current
                                         ORDER BY has_returned DESC, used_at DESC
                                            LIMIT @others)
            """,
            new { userId, current, others = MaxPerUser - 1 });
    }
}
