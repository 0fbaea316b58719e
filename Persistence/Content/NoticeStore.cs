using System.Data;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Content;

/// <summary>The notices (collection <c>message</c>).</summary>
public sealed class NoticeStore : IRecords<Notice, NoticeDraft, NoticePatch>
{
    /// <summary>The collection's name.</summary>
    public const string Collection = "message";

    private const string Columns =
        """
        id AS Id, title AS Title, subtitle AS Subtitle, inserted_at AS InsertedAt, updated_at AS UpdatedAt
        """;

    private static readonly SortColumns Sortable = new()
    {
        ["id"] = SortColumn.Id,
        ["title"] = SortColumn.Text("title"),
        ["subtitle"] = SortColumn.Text("subtitle"),
        ["inserted_at"] = SortColumn.Text("inserted_at"),
        ["updated_at"] = SortColumn.Text("updated_at"),
    };

    /// <inheritdoc/>
    public string Name => Collection;

    /// <inheritdoc/>
    public JsonTypeInfo<Notice> Json => ContentJson.Wire.Notice;

    /// <summary>The notices, by title and id unless a sort is given.</summary>
    public RecordList<Notice> List { get; } = TableList.Of(
        Collection,
        Sortable,
        ownOrder: "title, id",
        (transaction, ids) => ListedKeys.Pick<Notice>(transaction, Columns, Collection, ids));

    /// <inheritdoc/>
    public Notice? Find(ReadTransaction transaction, long id) => Find(transaction.Connection, id);

    /// <inheritdoc/>
    public Notice? Find(WriteTransaction transaction, long id) => Find(transaction.Connection, id);

    /// <summary>Creates a notice. Never refused.</summary>
    public Written<WriteResult<Notice>> Create(WriteTransaction transaction, NoticeDraft draft)
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

    internal static Notice? Find(IDbConnection connection, long id) =>
        connection.QuerySingleOrDefault<Notice>(
            $"""
            SELECT {Columns}
              FROM message
             WHERE id = @id
            """,
            new { id });

    /// <summary>Changes a notice. Never refused.</summary>
    public Written<WriteResult<Notice>> Update(WriteTransaction transaction, long id, NoticePatch patch)
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

    /// <summary>Deletes a notice, and takes it off every status that points to it. Never refused.</summary>
    public Written<WriteResult<Notice>> Delete(WriteTransaction transaction, long id)
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
