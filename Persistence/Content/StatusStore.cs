using System.Data;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Content;

/// <summary>The status rows (collection <c>status</c>), of which the front end uses the first.</summary>
public sealed class StatusStore : IRecords<Status, StatusDraft, StatusPatch>
{
    /// <summary>The collection's name.</summary>
    public const string Collection = "status";

    private static readonly FieldError UnknownMessage = new("message_id", "does not exist");

    private const string Columns =
        """
        id AS Id, open AS Open, show_message AS ShowMessage, message_id AS MessageId,
        inserted_at AS InsertedAt, updated_at AS UpdatedAt
        """;

    private static readonly SortColumns Sortable = new()
    {
        ["id"] = SortColumn.Id,
        ["open"] = SortColumn.Flag("open"),
        ["show_message"] = SortColumn.Flag("show_message"),
        ["message_id"] = new("message_id"),
        ["inserted_at"] = SortColumn.Text("inserted_at"),
        ["updated_at"] = SortColumn.Text("updated_at"),
    };

    /// <inheritdoc/>
    public string Name => Collection;

    /// <inheritdoc/>
    public JsonTypeInfo<Status> Json => ContentJson.Wire.Status;

    /// <summary>The status rows, by id unless a sort is given.</summary>
    public RecordList<Status> List { get; } = TableList.Of(
        Collection,
        Sortable,
        ownOrder: "id",
        (transaction, ids) => ListedKeys.Pick<Status>(transaction, Columns, Collection, ids));

    /// <inheritdoc/>
    public Status? Find(ReadTransaction transaction, long id) => Find(transaction.Connection, id);

    /// <inheritdoc/>
    public Status? Find(WriteTransaction transaction, long id) => Find(transaction.Connection, id);

    /// <summary>Creates a status. Refused if its message never existed (<c>message_id</c>).</summary>
    public Written<WriteResult<Status>> Create(WriteTransaction transaction, StatusDraft draft)
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
        var isThere = messageId is { } id && NoticeStore.Find(transaction.Connection, id) is not null;
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

    /// <summary>Changes a status. Refused if its new message never existed (<c>message_id</c>).</summary>
    public Written<WriteResult<Status>> Update(WriteTransaction transaction, long id, StatusPatch patch)
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

    /// <summary>Deletes a status. Never refused.</summary>
    public Written<WriteResult<Status>> Delete(WriteTransaction transaction, long id)
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
