using Dapper;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Accounts;

/// <summary>The users. The change log does not have them.</summary>
public sealed class UserStore(Database database)
{
    private const string Columns =
        """
        id AS Id, email AS Email, name AS Name, is_admin AS IsAdmin, hashed_password AS HashedPassword
        """;

    /// <summary>The user with this email in any case, or <see langword="null"/>.</summary>
    public Task<User?> FindByEmailAsync(string email, CancellationToken cancellationToken) =>
        // The column itself is NOCASE.
        FindFirstAsync(
            $"""
            SELECT {Columns}
              FROM users
             WHERE email = @email
            """,
            new { email },
            cancellationToken);

    /// <summary>A user, or <see langword="null"/>.</summary>
    public Task<User?> FindAsync(long id, CancellationToken cancellationToken) =>
        FindFirstAsync(
            $"""
            SELECT {Columns}
              FROM users
             WHERE id = @id
            """,
            new { id },
            cancellationToken);

    /// <summary>The administrator with the lowest id, or <see langword="null"/>.</summary>
    public Task<User?> FirstAdministratorAsync(CancellationToken cancellationToken) =>
        FindFirstAsync(
            $"""
              SELECT {Columns}
                FROM users
               WHERE is_admin
            ORDER BY id
               LIMIT 1
            """,
            new { },
            cancellationToken);

    /// <summary>How many users there are.</summary>
    public Task<long> CountAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(
            transaction => transaction.Connection.ReadNumber(
                """
                SELECT COUNT(*)
                  FROM users
                """),
            cancellationToken);

    /// <summary>Whether one of them is an administrator.</summary>
    public Task<bool> HasAdministratorAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(
            transaction => transaction.Connection.ReadFlag(
                """
                SELECT EXISTS (SELECT 1
                                 FROM users
                                WHERE is_admin)
                """),
            cancellationToken);

    /// <summary>All users, by id.</summary>
    public Task<IReadOnlyList<User>> ListAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<User>>(
            transaction => transaction.Connection.Query<User>(
                $"""
                  SELECT {Columns}
                    FROM users
                ORDER BY id
                """).AsList(),
            cancellationToken);

    /// <summary>Makes a user. Refused if the email is taken (<c>email</c>).</summary>
    public Task<WriteResult<User>> CreateAsync(
        string email, string? name, string? hashedPassword, bool isAdmin, CancellationToken cancellationToken) =>
        database.WriteAsync(
            transaction => Create(transaction, email, name, hashedPassword, isAdmin), cancellationToken);

    /// <summary>Changes a user's password and ends all sessions of the user. The devices stay known.</summary>
    public Task<WriteResult<User>> SetPasswordAsync(
        string email, string hashedPassword, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => SetPassword(transaction, email, hashedPassword), cancellationToken);

    /// <summary>Ends all sessions of a user and forgets the user's devices.</summary>
    public Task<bool> SignOutEverywhereAsync(long id, CancellationToken cancellationToken) =>
        database.WriteAsync(
            transaction =>
            {
                SessionStore.DeleteAll(transaction, id);
                KnownDeviceStore.DeleteAll(transaction, id);
                return Written.WithoutChange(true);
            },
            cancellationToken);

    /// <summary>
    /// Removes a user, whose sessions end with it; orders keep the id, which nobody gets again. Refused for the last
    /// administrator (<c>is_admin</c>).
    /// </summary>
    /// <param name="email">In any case.</param>
    /// <param name="evenLastAdministrator">Removes the last administrator, too.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    public Task<WriteResult<User>> RemoveAsync(
        string email, bool evenLastAdministrator, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Remove(transaction, email, evenLastAdministrator), cancellationToken);

    /// <inheritdoc cref="CreateAsync"/>
    public static Written<WriteResult<User>> Create(
        WriteTransaction transaction, string email, string? name, string? hashedPassword, bool isAdmin)
    {
        var user = transaction.Connection.QuerySingleOrDefault<User>(
            $"""
            INSERT INTO users (email, name, hashed_password, is_admin, inserted_at, updated_at)
                 VALUES (@email, @name, @hashedPassword, @isAdmin, @Timestamp, @Timestamp)
            ON CONFLICT (email) DO NOTHING
              RETURNING {Columns}
            """,
            new { email, name, hashedPassword, isAdmin, transaction.Timestamp });
        return user is null
            ? Written.Refused<User>(new FieldError("email", "has already been taken"))
            : Written.Saved(user);
    }

    private static Written<WriteResult<User>> SetPassword(
        WriteTransaction transaction, string email, string hashedPassword)
    {
        var user = transaction.Connection.QuerySingleOrDefault<User>(
            $"""
               UPDATE users
                  SET hashed_password = @hashedPassword, updated_at = @Timestamp
                WHERE email = @email
            RETURNING {Columns}
            """,
            new { email, hashedPassword, transaction.Timestamp });
        if (user is null)
        {
            return Written.NotFound<User>();
        }

        SessionStore.DeleteAll(transaction, user.Id);
        KnownDeviceStore.PasswordChanged(transaction, user.Id);
        return Written.Saved(user);
    }

    private static Written<WriteResult<User>> Remove(
        WriteTransaction transaction, string email, bool evenLastAdministrator)
    {
        var user = transaction.Connection.QuerySingleOrDefault<User>(
            $"""
            DELETE FROM users
                  WHERE email = @email
                    AND (@evenLastAdministrator
                         OR NOT is_admin
                         OR EXISTS (SELECT 1
                                      FROM users AS other
                                     WHERE other.is_admin
                                       AND other.id <> users.id))
              RETURNING {Columns}
            """,
            new { email, evenLastAdministrator });
        return user is not null ? Written.Saved(user)
            : Exists(transaction, email) ? Written.Refused<User>(new FieldError("is_admin", "is the last one"))
            : Written.NotFound<User>();
    }

    private static bool Exists(WriteTransaction transaction, string email) =>
        transaction.Connection.QuerySingle<bool>(
            """
            SELECT EXISTS (SELECT 1
                             FROM users
                            WHERE email = @email)
            """,
            new { email });

    private Task<User?> FindFirstAsync(string sql, object parameters, CancellationToken cancellationToken) =>
        database.ReadAsync(
            transaction => transaction.Connection.QueryFirstOrDefault<User>(sql, parameters), cancellationToken);
}
