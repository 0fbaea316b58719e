using System.Data;
using Dapper;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Content;

/// <summary>The notices (collection <c>message</c>).</summary>
public sealed class NoticeStore(Database database)
{
    private const string Collection = "message";

    private const string Columns =
        """
        id AS Id, title AS Title, subtitle AS Subtitle, inserted_at AS InsertedAt, updated_at AS UpdatedAt
        """;

    /// <summary>The list; see <see cref="List"/> for its own order.</summary>
    public static RecordList<Notice> Records { get; } = new(
        TableKeys.Of(Collection, ownOrder: "title, id"),
        transaction => ids => ListedKeys.Pick<Notice>(transaction, Columns, Collection, ids));

    /// <summary>All notices, by title and id.</summary>
    public static IReadOnlyList<Notice> List(ReadTransaction transaction) =>
        transaction.Connection.Query<Notice>(
            $"""
              SELECT {Columns}
                FROM message
            ORDER BY title, id
            """)
        .AsList();

    /// <summary>A notice, or <see langword="null"/>.</summary>
    public Task<Notice?> FindAsync(long id, CancellationToken cancellationToken) =>
        database.ReadAsync(transaction => Find(transaction.Connection, id), cancellationToken);

    /// <summary>Makes a notice. Never refused.</summary>
    public Task<WriteResult<Notice>> CreateAsync(NoticeDraft draft, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Create(transaction, draft), cancellationToken);

    /// <summary>Changes a notice. Never refused.</summary>
    public Task<WriteResult<Notice>> UpdateAsync(long id, NoticePatch patch, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Update(transaction, id, patch), cancellationToken);

    /// <summary>Deletes a notice, and takes it off every status that points to it. Never refused.</summary>
    public Task<WriteResult<Notice>> DeleteAsync(long id, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Delete(transaction, id), cancellationToken);

    /// <inheritdoc cref="FindAsync"/>
    public static Notice? Find(WriteTransaction transaction, long id) => Find(transaction.Connection, id);

    /// <inheritdoc cref="CreateAsync"/>
    public static Written<WriteResult<Notice>> Create(WriteTransaction transaction, NoticeDraft draft)
    {
        var notice = transaction.Connection.QuerySingle<Notice>(
            $"""
            INSERT INTO message (title, subtitle, inserted_at, updated_at)
                 VALUES (@Title, @Subtitle, @Timestamp, @Timestamp)
              RETURNING {Columns}
            """,
            new { draft.Title, draft.Subtitle, transaction.Timestamp });
        return Written.Saved(notice, NewChange.Create(Collection, notice.Id, notice, ContentJson.Wire.Notice));
    }

    private static Notice? Find(IDbConnection connection, long id) =>
        connection.QuerySingleOrDefault<Notice>(
            $"""
            SELECT {Columns}
              FROM message
             WHERE id = @id
            """,
            new { id });

    /// <inheritdoc cref="UpdateAsync"/>
    public static Written<WriteResult<Notice>> Update(WriteTransaction transaction, long id, NoticePatch patch)
    {
        if (Find(transaction.Connection, id) is not { } before)
        {
            return Written.NotFound<Notice>();
        }

        if (patch == new NoticePatch())
        {
            return Written.Saved(before);
        }

        var after = patch.ApplyTo(before);
        if (after != before)
        {
            after = after with { UpdatedAt = transaction.Timestamp };
            transaction.Connection.Execute(
                """
                UPDATE message
                   SET title = @Title, subtitle = @Subtitle, updated_at = @UpdatedAt
                 WHERE id = @Id
                """,
                after);
        }

        return Written.Saved(after, NewChange.Update(Collection, id, after, ContentJson.Wire.Notice));
    }

    /// <inheritdoc cref="DeleteAsync"/>
    public static Written<WriteResult<Notice>> Delete(WriteTransaction transaction, long id)
    {
        if (Find(transaction.Connection, id) is not { } notice)
        {
            return Written.NotFound<Notice>();
        }

        var statusChanges = StatusStore.TakeOff(transaction, noticeId: id);
        transaction.Connection.Execute(
            """
            DELETE FROM message
                  WHERE id = @id
            """,
            new { id });
        return Written.Saved(notice, [.. statusChanges, NewChange.Delete(Collection, id)]);
    }
}
