using System.Data;
using Dapper;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Content;

/// <summary>The status rows (collection <c>status</c>), of which the front end uses the first.</summary>
public sealed class StatusStore(Database database)
{
    private const string Collection = "status";

    private static readonly FieldError UnknownMessage = new("message_id", "does not exist");

    private const string Columns =
        """
        id AS Id, open AS Open, show_message AS ShowMessage, message_id AS MessageId,
        inserted_at AS InsertedAt, updated_at AS UpdatedAt
        """;

    /// <summary>The list; see <see cref="List"/> for its own order.</summary>
    public static RecordList<Status> Records { get; } = new(
        TableKeys.Of(Collection, ownOrder: "id"),
        transaction => ids => ListedKeys.Pick<Status>(transaction, Columns, Collection, ids));

    /// <summary>All status rows, by id.</summary>
    public static IReadOnlyList<Status> List(ReadTransaction transaction) =>
        transaction.Connection.Query<Status>(
            $"""
              SELECT {Columns}
                FROM status
            ORDER BY id
            """)
        .AsList();

    /// <summary>A status, or <see langword="null"/>.</summary>
    public Task<Status?> FindAsync(long id, CancellationToken cancellationToken) =>
        database.ReadAsync(transaction => Find(transaction.Connection, id), cancellationToken);

    /// <summary>Makes a status. Refused if its message never existed (<c>message_id</c>).</summary>
    public Task<WriteResult<Status>> CreateAsync(StatusDraft draft, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Create(transaction, draft), cancellationToken);

    /// <summary>Changes a status. Refused if its new message never existed (<c>message_id</c>).</summary>
    public Task<WriteResult<Status>> UpdateAsync(long id, StatusPatch patch, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Update(transaction, id, patch), cancellationToken);

    /// <summary>Deletes a status. Never refused.</summary>
    public Task<WriteResult<Status>> DeleteAsync(long id, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Delete(transaction, id), cancellationToken);

    /// <inheritdoc cref="FindAsync"/>
    public static Status? Find(WriteTransaction transaction, long id) => Find(transaction.Connection, id);

    /// <inheritdoc cref="CreateAsync"/>
    public static Written<WriteResult<Status>> Create(WriteTransaction transaction, StatusDraft draft)
    {
        if (!TryShow(transaction, draft.MessageId, out var messageId))
        {
            return Written.Refused<Status>(UnknownMessage);
        }

        var status = transaction.Connection.QuerySingle<Status>(
            $"""
            INSERT INTO status (open, show_message, message_id, inserted_at, updated_at)
                 VALUES (@Open, @ShowMessage, @messageId, @Timestamp, @Timestamp)
              RETURNING {Columns}
            """,
            new { draft.Open, draft.ShowMessage, messageId, transaction.Timestamp });
        return Written.Saved(status, NewChange.Create(Collection, status.Id, status, ContentJson.Wire.Status));
    }

    /// <summary>Removes a notice from every status that refers to it.</summary>
    /// <returns>The changes to log.</returns>
    internal static IEnumerable<NewChange> TakeOff(WriteTransaction transaction, long noticeId) =>
        transaction.Connection.Query<Status>(
            $"""
              UPDATE status
                 SET message_id = NULL, updated_at = @Timestamp
               WHERE message_id = @noticeId
            RETURNING {Columns}
            """,
            new { noticeId, transaction.Timestamp })
        .OrderBy(status => status.Id)
        .Select(LogUpdate);

    /// <summary>
    /// Finds the message that a status is to show. A page may not know yet that a message was deleted and so removed
    /// from the status; then there is no message to show.
    /// </summary>
    /// <returns>Whether the message exists, or once existed.</returns>
    private static bool TryShow(WriteTransaction transaction, long? messageId, out long? shown)
    {
        var isThere = messageId is { } id && NoticeStore.Find(transaction, id) is not null;
        shown = isThere ? messageId : null;
        return isThere || messageId is not { } missing || WasThere(transaction.Connection, missing);
    }

    // No id is used twice, and SQLite remembers the last one (AUTOINCREMENT).
    private static bool WasThere(IDbConnection connection, long messageId) =>
        messageId > 0 && connection.QuerySingle<bool>(
            """
            SELECT EXISTS (SELECT 1
                             FROM sqlite_sequence
                            WHERE name = 'message'
                              AND seq >= @messageId)
            """,
            new { messageId });

    private static NewChange LogUpdate(Status status) =>
        NewChange.Update(Collection, status.Id, status, ContentJson.Wire.Status);

    private static Status? Find(IDbConnection connection, long id) =>
        connection.QuerySingleOrDefault<Status>(
            $"""
            SELECT {Columns}
              FROM status
             WHERE id = @id
            """,
            new { id });

    /// <inheritdoc cref="UpdateAsync"/>
    public static Written<WriteResult<Status>> Update(WriteTransaction transaction, long id, StatusPatch patch)
    {
        if (Find(transaction.Connection, id) is not { } before)
        {
            return Written.NotFound<Status>();
        }

        if (patch == new StatusPatch())
        {
            return Written.Saved(before);
        }

        var after = patch.ApplyTo(before);
        if (after.MessageId != before.MessageId)
        {
            // Only a changed message is checked: Kaffebase left the ids of deleted messages behind, and the front end
            // always sends all fields.
            if (!TryShow(transaction, after.MessageId, out var messageId))
            {
                return Written.Refused<Status>(UnknownMessage);
            }

            after = after with { MessageId = messageId };
        }

        if (after != before)
        {
            after = after with { UpdatedAt = transaction.Timestamp };
            transaction.Connection.Execute(
                """
                UPDATE status
                   SET open = @Open, show_message = @ShowMessage, message_id = @MessageId, updated_at = @UpdatedAt
                 WHERE id = @Id
                """,
                after);
        }

        return Written.Saved(after, LogUpdate(after));
    }

    /// <inheritdoc cref="DeleteAsync"/>
    public static Written<WriteResult<Status>> Delete(WriteTransaction transaction, long id)
    {
        if (Find(transaction.Connection, id) is not { } status)
        {
            return Written.NotFound<Status>();
        }

        transaction.Connection.Execute(
            """
            DELETE FROM status
                  WHERE id = @id
            """,
            new { id });
        return Written.Saved(status, NewChange.Delete(Collection, id));
    }
}
