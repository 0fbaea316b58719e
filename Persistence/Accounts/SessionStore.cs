using Dapper;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Accounts;

/// <summary>The sessions of signed-in users, by the hash of a token. The change log does not have them.</summary>
public sealed class SessionStore(Database database)
{
    /// <summary>How many sessions a user may have. A further one ends those that would expire first.</summary>
    public const int MaxPerUser = 500;

    /// <summary>Begins a session, and deletes the expired ones.</summary>
    /// <param name="tokenHash">SHA-256 of the token, 32 bytes.</param>
    /// <param name="user">The user as read when the password was compared.</param>
    /// <param name="expires">When the session expires.</param>
    /// <param name="device">Becomes a known device of the user; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    /// <returns>Whether the session has begun: not if the user was removed or has another password by now.</returns>
    public Task<bool> CreateAsync(
        byte[] tokenHash,
        User user,
        DateTimeOffset expires,
        DeviceToken? device,
        CancellationToken cancellationToken) =>
        database.WriteAsync(
            transaction => Written.WithoutChange(Create(transaction, tokenHash, user, expires, device)),
            cancellationToken);

    /// <summary>The user of a session that has not expired, or <see langword="null"/>.</summary>
    public Task<User?> FindUserAsync(byte[] tokenHash, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(
            transaction => transaction.Connection.QuerySingleOrDefault<User>(
                """
                SELECT users.id AS Id, users.email AS Email, users.name AS Name, users.is_admin AS IsAdmin,
                       users.hashed_password AS HashedPassword
                  FROM session
                  JOIN users
                    ON users.id = session.user_id
                 WHERE session.token_hash = @tokenHash
                   AND session.expires_at > @now
                """,
                new { tokenHash, now = Timestamp.Format(now) }),
            cancellationToken);

    /// <summary>
    /// Ends a session. Writes nothing if there is none: any client can invent tokens and must not keep the writer busy.
    /// </summary>
    /// <returns>Whether there was a session.</returns>
    public async Task<bool> DeleteAsync(byte[] tokenHash, CancellationToken cancellationToken) =>
        await ExistsAsync(tokenHash, cancellationToken)
        && await database.WriteAsync(
            transaction => Written.WithoutChange(transaction.Connection.Execute(
                """
                DELETE FROM session
                      WHERE token_hash = @tokenHash
                """,
                new { tokenHash }) > 0),
            cancellationToken);

    /// <summary>Ends all sessions of a user, as part of another write.</summary>
    internal static void DeleteAll(WriteTransaction transaction, long userId) =>
        transaction.Connection.Execute(
            """
            DELETE FROM session
                  WHERE user_id = @userId
            """,
            new { userId });

    private Task<bool> ExistsAsync(byte[] tokenHash, CancellationToken cancellationToken) =>
        database.ReadAsync(
            transaction => transaction.Connection.QuerySingle<bool>(
                """
                SELECT EXISTS (SELECT 1
                                 FROM session
                                WHERE token_hash = @tokenHash)
                """,
                new { tokenHash }),
            cancellationToken);

    private static bool Create(
        WriteTransaction transaction, byte[] tokenHash, User user, DateTimeOffset expires, DeviceToken? device)
    {
        transaction.Connection.Execute(
            """
            DELETE FROM session
                  WHERE expires_at <= @Timestamp
            """,
            new { transaction.Timestamp });

        if (!Insert(transaction, tokenHash, user, expires))
        {
            return false;
        }

        EndOldest(transaction, user.Id);
        if (device is not null)
        {
            KnownDeviceStore.Remember(transaction, user.Id, device);
        }

        return true;
    }

    // Comparing a password takes a while. If it was changed in the meantime, which ended all sessions, none begins.
    private static bool Insert(WriteTransaction transaction, byte[] tokenHash, User user, DateTimeOffset expires) =>
        transaction.Connection.Execute(
            """
            INSERT INTO session (token_hash, user_id, expires_at, inserted_at)
                 SELECT @tokenHash, id, @expires, @Timestamp
                   FROM users
                  WHERE id = @Id
                    AND hashed_password IS @HashedPassword
            """,
            new
            {
                tokenHash,
                user.Id,
                user.HashedPassword,
                expires = Timestamp.Format(expires),
                transaction.Timestamp,
            }) > 0;

    private static void EndOldest(WriteTransaction transaction, long userId) =>
        transaction.Connection.Execute(
            """
            DELETE FROM session
                  WHERE user_id = @userId
                    AND token_hash NOT IN (SELECT token_hash
                                             FROM session
                                            WHERE user_id = @userId
                                         ORDER BY expires_at DESC
                                            LIMIT @MaxPerUser)
            """,
            new { userId, MaxPerUser });
}
