using System.Data;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Catalog;

/// <summary>The items. Every change of one is a change of the menu, too.</summary>
public sealed class ItemStore : IRecords<Item, ItemDraft, ItemPatch>
{
    /// <summary>The collection's name.</summary>
    public const string Collection = "item";

    private const string Columns =
        """
        id AS Id, name AS Name, price_nok AS PriceNok, category_id AS CategoryId,
        (SELECT name FROM category WHERE id = category_id) AS CategoryName,
        image AS Image, enable AS Enable, sort_order AS SortOrder, inserted_at AS InsertedAt, updated_at AS UpdatedAt
        """;

    private static readonly SortColumns Sortable = new()
    {
        ["id"] = SortColumn.Id,
        ["name"] = SortColumn.Text("name"),
        ["price_nok"] = new("price_nok"),
        ["category_id"] = new("category_id"),
        ["category_name"] = SortColumn.Text("(SELECT name FROM category WHERE id = category_id)"),
        ["image"] = SortColumn.Text("image"),
        ["enable"] = SortColumn.Flag("enable"),
        ["sort_order"] = new("sort_order"),
        ["inserted_at"] = SortColumn.Text("inserted_at"),
        ["updated_at"] = SortColumn.Text("updated_at"),
    };

    /// <inheritdoc/>
    public string Name => Collection;

    /// <inheritdoc/>
    public JsonTypeInfo<Item> Json => CatalogJson.Wire.Item;

    /// <summary>The items, by sort order, name and id unless a sort is given.</summary>
    public RecordList<Item> List { get; } = TableList.Of(
        Collection,
        Sortable,
        ownOrder: "sort_order, name, id",
        (transaction, ids) => ListedKeys.Pick<Item>(transaction, Columns, Collection, ids));

    /// <inheritdoc/>
    public Item? Find(ReadTransaction transaction, long id) => Find(transaction.Connection, id);

    /// <summary>The images of the items (<see cref="Item.Image"/>), each once.</summary>
    public static IReadOnlyList<string> ListImages(ReadTransaction transaction) =>
        transaction.Connection.ReadTexts(
            """
            SELECT DISTINCT image
              FROM item
             WHERE image IS NOT NULL
            """);

    /// <summary>How many items there are.</summary>
    public static long Count(ReadTransaction transaction) =>
        transaction.Connection.ReadNumber(
            """
            SELECT COUNT(*)
              FROM item
            """);

    /// <inheritdoc/>
    public Item? Find(WriteTransaction transaction, long id) => Find(transaction.Connection, id);

    internal static IReadOnlyList<Item> ReadAll(IDbConnection connection) =>
        connection.Query<Item>(
            $"""
              SELECT {Columns}
                FROM item
            ORDER BY sort_order, name, id
            """)
        .AsList();

    internal static Item? Find(IDbConnection connection, long id) =>
        connection.QuerySingleOrDefault<Item>(
            $"""
            SELECT {Columns}
              FROM item
             WHERE id = @id
            """,
            new { id });

    internal static bool ExistIn(IDbConnection connection, long categoryId) =>
        connection.QuerySingle<bool>(
            """
            SELECT EXISTS (SELECT 1
                             FROM item
                            WHERE category_id = @categoryId)
            """,
            new { categoryId });

    /// <summary>Every item of a category has changed, because the category's name has.</summary>
    internal static IEnumerable<NewChange> LogIn(IDbConnection connection, long categoryId) =>
        connection.Query<Item>(
            $"""
              SELECT {Columns}
                FROM item
               WHERE category_id = @categoryId
            ORDER BY id
            """,
            new { categoryId })
        .Select(LogUpdate);

    private static NewChange LogUpdate(Item item) =>
        NewChange.Update(Collection, item.Id, item, CatalogJson.Wire.Item);

    /// <summary>
    /// Creates an item. Refused if its name is taken (<c>name</c>) or its category unknown (<c>category_id</c>).
    /// </summary>
    public Written<WriteResult<Item>> Create(WriteTransaction transaction, ItemDraft draft)
    {
        // No row has the id 0, so the name must be unused.
        var errors = Validate(transaction.Connection, id: 0, draft.Name, draft.CategoryId);
        if (errors.Count > 0)
        {
            return Written.Refused<Item>(errors);
        }

        var item = transaction.Connection.QuerySingle<Item>(
            $"""
            INSERT INTO item (name, price_nok, category_id, image, enable, sort_order, inserted_at, updated_at)
                 VALUES (@Name, @PriceNok, @CategoryId, @Image, @Enable, @SortOrder, @Timestamp, @Timestamp)
              RETURNING {Columns}
            """,
            new
            {
                draft.Name,
                draft.PriceNok,
                draft.CategoryId,
                draft.Image,
                draft.Enable,
                draft.SortOrder,
                transaction.Timestamp,
            });
        return Written.Saved(item, NewChange.Create(Collection, item.Id, item, Json));
    }

    /// <summary>Changes an item. Refused as <see cref="Create(WriteTransaction, ItemDraft)"/> is.</summary>
    public Written<WriteResult<Item>> Update(WriteTransaction transaction, long id, ItemPatch patch)
    {
        if (Find(transaction.Connection, id) is not { } before)
        {
            return Written.NotFound<Item>();
        }

        var after = patch.ApplyTo(before);
        if (after == before)
        {
            return Written.Saved(before);
        }

        var errors = Validate(transaction.Connection, id, after.Name, after.CategoryId);
        if (errors.Count > 0)
        {
            return Written.Refused<Item>(errors);
        }

        after = transaction.Connection.QuerySingle<Item>(
            $"""
               UPDATE item
                  SET name = @Name, price_nok = @PriceNok, category_id = @CategoryId, image = @Image, enable = @Enable,
                      sort_order = @SortOrder, updated_at = @UpdatedAt
                WHERE id = @Id
            RETURNING {Columns}
            """,
            after with { UpdatedAt = transaction.Timestamp });
        return Written.Saved(after, LogUpdate(after));
    }

    /// <summary>Deletes an item. Orders keep what they say of it. Never refused.</summary>
    public Written<WriteResult<Item>> Delete(WriteTransaction transaction, long id)
    {
        if (Find(transaction.Connection, id) is not { } item)
        {
            return Written.NotFound<Item>();
        }

        transaction.Connection.Execute(
            """
            DELETE FROM item
                  WHERE id = @id
            """,
            new { id });
        return Written.Saved(item, NewChange.Delete(Collection, id));
    }

    private static List<FieldError> Validate(IDbConnection connection, long id, string name, long? categoryId)
    {
        var errors = new List<FieldError>();
        if (IsTaken(connection, name, id))
        {
            errors.Add(new FieldError("name", "has already been taken"));
        }

        if (categoryId is not null && CategoryStore.Find(connection, categoryId.Value) is null)
        {
            errors.Add(new FieldError("category_id", "does not exist"));
        }

        return errors;
    }

    private static bool IsTaken(IDbConnection connection, string name, long byOtherThanId) =>
        connection.QuerySingle<bool>(
            """
            SELECT EXISTS (SELECT 1
                             FROM item
                            WHERE name = @name
                              AND id <> @byOtherThanId)
            """,
            new { name, byOtherThanId });
}
