using Dapper;

namespace Kaffediem.Persistence.Accounts;

/// <summary>Who is signed in, by the hash of the session's token. Sessions have no place in the change log.</summary>
public sealed class SessionStore(Database database)
{
    /// <summary>Begins a session, and forgets all that are over.</summary>
    /// <param name="tokenHash">SHA-256 of the token, 32 bytes.</param>
    /// <param name="userId">The user, who must exist.</param>
    /// <param name="expires">The session is over then.</param>
    /// <param name="cancellationToken">Gives up the wait for the writer.</param>
    public Task CreateAsync(
        byte[] tokenHash, long userId, DateTimeOffset expires, CancellationToken cancellationToken) =>
        database.WriteAsync(
            transaction => Written.WithoutChange(Create(transaction, tokenHash, userId, expires)), cancellationToken);

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

    private static int Create(WriteTransaction transaction, byte[] tokenHash, long userId, DateTimeOffset expires)
    {
        transaction.Connection.Execute(
            """
            DELETE FROM session
                  WHERE expires_at <= @Timestamp
            """,
            new { transaction.Timestamp });
        return transaction.Connection.Execute(
            """
            INSERT INTO session (token_hash, user_id, expires_at, inserted_at)
                 VALUES (@tokenHash, @userId, @expires, @Timestamp)
            """,
            new { tokenHash, userId, expires = Timestamp.Format(expires), transaction.Timestamp });
    }
}
