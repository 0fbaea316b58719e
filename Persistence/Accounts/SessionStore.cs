using Dapper;

namespace Kaffediem.Persistence.Accounts;

/// <summary>Who is signed in, by the hash of the session's token. Sessions have no place in the change log.</summary>
public sealed class SessionStore(Database database)
{
    /// <summary>Begins a session, and forgets all that are over.</summary>
    /// <param name="tokenHash">SHA-256 of the token, 32 bytes.</param>
    /// <param name="user">As it was when the password was compared.</param>
    /// <param name="expires">The session is over then.</param>
    /// <param name="cancellationToken">Gives up the wait for the writer.</param>
    /// <returns>Whether it has begun: not if the user has gone or has another password by now.</returns>
    public Task<bool> CreateAsync(
        byte[] tokenHash, User user, DateTimeOffset expires, CancellationToken cancellationToken) =>
        database.WriteAsync(
            transaction => Written.WithoutChange(Create(transaction, tokenHash, user, expires)), cancellationToken);

    /// <summary>The user of a session that is not over, or <see langword="null"/>.</summary>
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

    /// <summary>Ends a session; nothing happens if there is none.</summary>
    /// <returns>Whether there was one.</returns>
    public Task<bool> DeleteAsync(byte[] tokenHash, CancellationToken cancellationToken) =>
        database.WriteAsync(
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

    private static bool Create(WriteTransaction transaction, byte[] tokenHash, User user, DateTimeOffset expires)
    {
        transaction.Connection.Execute(
            """
            DELETE FROM session
                  WHERE expires_at <= @Timestamp
            """,
            new { transaction.Timestamp });

        // Comparing takes a while. A password that was changed meanwhile, which ended all sessions, begins none.
        return transaction.Connection.Execute(
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
    }
}
