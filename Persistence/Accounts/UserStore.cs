using Dapper;

namespace Kaffediem.Persistence.Accounts;

/// <summary>The users. They have no place in the change log.</summary>
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
            transaction => transaction.Connection.QuerySingle<long>(
                """
                SELECT COUNT(*)
                  FROM users
                """),
            cancellationToken);

    /// <summary>Makes a user. Refused if the email is taken (<c>email</c>).</summary>
    public Task<WriteResult<User>> CreateAsync(
        string email, string? name, string? hashedPassword, bool isAdmin, CancellationToken cancellationToken) =>
        database.WriteAsync(
            transaction => Create(transaction, email, name, hashedPassword, isAdmin), cancellationToken);

    private static Written<WriteResult<User>> Create(
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

    private Task<User?> FindFirstAsync(string sql, object parameters, CancellationToken cancellationToken) =>
        database.ReadAsync(
            transaction => transaction.Connection.QueryFirstOrDefault<User>(sql, parameters), cancellationToken);
}
