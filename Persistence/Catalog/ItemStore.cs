using System.Data;
using Dapper;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Catalog;

/// <summary>The items. Every change of one is a change of the menu, too.</summary>
public sealed class ItemStore(Database database)
{
    internal const string Collection = "item";

    private const string Columns =
        """
        id AS Id, name AS Name, price_nok AS PriceNok, category_id AS CategoryId,
        (SELECT name FROM category WHERE id = category_id) AS CategoryName,
        image AS Image, enable AS Enable, sort_order AS SortOrder, inserted_at AS InsertedAt, updated_at AS UpdatedAt
        """;

    /// <summary>The list; see <see cref="List"/> for its own order.</summary>
    public static RecordList<Item> Records { get; } = new(
        TableKeys.Of(Collection, ownOrder: "sort_order, name, id"),
        transaction => ids => ListedKeys.Pick<Item>(transaction, Columns, Collection, ids));

    /// <summary>All items, by sort order, name and id.</summary>
    public static IReadOnlyList<Item> List(ReadTransaction transaction) => ReadAll(transaction.Connection);

    /// <summary>An item, or <see langword="null"/>.</summary>
    public Task<Item?> FindAsync(long id, CancellationToken cancellationToken) =>
        database.ReadAsync(transaction => Find(transaction.Connection, id), cancellationToken);

    /// <summary>The distinct images of the items (<see cref="Item.Image"/>).</summary>
    public Task<IReadOnlyList<string>> ListImagesAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(ListImages, cancellationToken);

    /// <summary>How many items there are.</summary>
    public Task<long> CountAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(
            transaction => transaction.Connection.ReadNumber(
                """
                SELECT COUNT(*)
                  FROM item
                """),
            cancellationToken);

    /// <summary>
    /// Makes an item. Refused if its name is taken (<c>name</c>) or its category unknown (<c>category_id</c>).
    /// </summary>
    public Task<WriteResult<Item>> CreateAsync(ItemDraft draft, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Create(transaction, draft), cancellationToken);

    /// <summary>Changes an item. Refused as <see cref="CreateAsync"/> is.</summary>
    public Task<WriteResult<Item>> UpdateAsync(long id, ItemPatch patch, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Update(transaction, id, patch), cancellationToken);

    /// <summary>Deletes an item. Orders keep what they say of it. Never refused.</summary>
    public Task<WriteResult<Item>> DeleteAsync(long id, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Delete(transaction, id), cancellationToken);

    /// <inheritdoc cref="FindAsync"/>
    public static Item? Find(WriteTransaction transaction, long id) => Find(transaction.Connection, id);

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

    internal static Item Insert(WriteTransaction transaction, ItemDraft draft) =>
        transaction.Connection.QuerySingle<Item>(
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

    internal static NewChange LogCreate(Item item) =>
        NewChange.Create(Collection, item.Id, item, CatalogJson.Wire.Item);

    /// <summary>The changes of a category's items after the category's name has changed.</summary>
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

    private static Written<WriteResult<Item>> Created(Item item) => Written.Saved(item, LogCreate(item));

    private static IReadOnlyList<string> ListImages(ReadTransaction transaction) =>
        transaction.Connection.ReadTexts(
            """
            SELECT DISTINCT image
              FROM item
             WHERE image IS NOT NULL
            """);

    /// <inheritdoc cref="CreateAsync"/>
    public static Written<WriteResult<Item>> Create(WriteTransaction transaction, ItemDraft draft)
    {
        // No row has the id 0, so the name must be unused.
        var errors = Validate(transaction.Connection, id: 0, draft.Name, draft.CategoryId);
        return errors.Count > 0
            ? Written.Refused<Item>(errors)
            : Created(Insert(transaction, draft));
    }

    /// <inheritdoc cref="UpdateAsync"/>
    public static Written<WriteResult<Item>> Update(WriteTransaction transaction, long id, ItemPatch patch)
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

    /// <inheritdoc cref="DeleteAsync"/>
    public static Written<WriteResult<Item>> Delete(WriteTransaction transaction, long id)
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
