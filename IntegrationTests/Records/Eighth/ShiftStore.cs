using System.Data;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.IntegrationTests.Records.Eighth;

/// <summary>The shifts.</summary>
internal sealed class ShiftStore : IRecords<Shift, ShiftDraft, ShiftPatch>
{
    public const string Collection = "shift";

    // The log's CHECK names the collections that it accepts. It is rewritten in place; the new table makes every
    // connection read the schema again.
    public const string Migration =
        """
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema
           SET sql = replace(sql, '''message'', ''', '''message'', ''shift'', ''')
         WHERE name = 'change_log';
        CREATE TABLE shift (
            id        INTEGER PRIMARY KEY AUTOINCREMENT,
            barista   TEXT    NOT NULL,
            starts_at INTEGER NOT NULL
        );
        PRAGMA writable_schema = RESET;
        """;

    private const string Columns = "id AS Id, barista AS Barista, starts_at AS StartsAt";

    private static readonly SortColumns Sortable = new()
    {
        ["id"] = SortColumn.Id,
        ["barista"] = SortColumn.Text("barista"),
        ["starts_at"] = new("starts_at"),
    };

    public string Name => Collection;

    public JsonTypeInfo<Shift> Json => ShiftJson.Default.Shift;

    public RecordList<Shift> List { get; } = TableList.Of(
        Collection,
        Sortable,
        ownOrder: "starts_at, id",
        (transaction, ids) => ListedKeys.Pick<Shift>(transaction, Columns, Collection, ids));

    public Shift? Find(ReadTransaction transaction, long id) => Find(transaction.Connection, id);

    public Shift? Find(WriteTransaction transaction, long id) => Find(transaction.Connection, id);

    public Written<WriteResult<Shift>> Create(WriteTransaction transaction, ShiftDraft draft)
    {
        var shift = transaction.Connection.QuerySingle<Shift>(
            $"""
            INSERT INTO shift (barista, starts_at)
                 VALUES (@Barista, @StartsAt)
              RETURNING {Columns}
            """,
            draft);
        return Written.Saved(shift, NewChange.Create(Collection, shift.Id, shift, Json));
    }

    public Written<WriteResult<Shift>> Update(WriteTransaction transaction, long id, ShiftPatch patch)
    {
        if (Find(transaction, id) is not { } before)
        {
            return Written.NotFound<Shift>();
        }

        var after = before with
        {
            Barista = patch.Barista.Or(before.Barista),
            StartsAt = patch.StartsAt.Or(before.StartsAt),
        };
        transaction.Connection.Execute(
            """
            UPDATE shift
               SET barista = @Barista, starts_at = @StartsAt
             WHERE id = @Id
            """,
            after);
        return Written.Saved(after, NewChange.Update(Collection, id, after, Json));
    }

    public Written<WriteResult<Shift>> Delete(WriteTransaction transaction, long id)
    {
        if (Find(transaction, id) is not { } shift)
        {
            return Written.NotFound<Shift>();
        }

        transaction.Connection.Execute(
            """
            DELETE FROM shift
                  WHERE id = @id
            """,
            new { id });
        return Written.Saved(shift, NewChange.Delete(Collection, id));
    }

    private static Shift? Find(IDbConnection connection, long id) =>
        connection.QuerySingleOrDefault<Shift>(
            $"""
            SELECT {Columns}
              FROM shift
             WHERE id = @id
            """,
            new { id });
}
