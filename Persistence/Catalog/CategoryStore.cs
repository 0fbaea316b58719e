using System.Data;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Catalog;

/// <summary>The categories. Every change of one is a change of the menu, too.</summary>
public sealed class CategoryStore : IRecords<Category, CategoryDraft, CategoryPatch>
{
    /// <summary>The collection's name.</summary>
    public const string Collection = "category";

    private const string Columns =
        """
        id AS Id, name AS Name, sort_order AS SortOrder, enable AS Enable,
        valid_customizations AS ValidCustomizations, inserted_at AS InsertedAt, updated_at AS UpdatedAt
        """;

    private static readonly SortColumns Sortable = new()
    {
        ["id"] = SortColumn.Id,
        ["name"] = SortColumn.Text("name"),
        ["sort_order"] = new("sort_order"),
        ["enable"] = SortColumn.Flag("enable"),
        ["inserted_at"] = SortColumn.Text("inserted_at"),
        ["updated_at"] = SortColumn.Text("updated_at"),
    };

    /// <inheritdoc/>
    public string Name => Collection;

    /// <inheritdoc/>
    public JsonTypeInfo<Category> Json => CatalogJson.Wire.Category;

    /// <summary>The categories, by sort order, name and id unless a sort is given.</summary>
    public RecordList<Category> List { get; } = TableList.Of(
        Collection,
        Sortable,
        ownOrder: "sort_order, name, id",
        (transaction, ids) => ListedKeys.Pick<Row>(transaction, Columns, Collection, ids)
            .Select(row => row.ToCategory()));

    /// <inheritdoc/>
    public Category? Find(ReadTransaction transaction, long id) => Find(transaction.Connection, id);

    /// <inheritdoc/>
    public Category? Find(WriteTransaction transaction, long id) => Find(transaction.Connection, id);

    internal static IReadOnlyList<Category> ReadAll(IDbConnection connection) =>
        connection.Query<Row>(
            $"""
              SELECT {Columns}
                FROM category
            ORDER BY sort_order, name, id
            """)
        .Select(row => row.ToCategory())
        .ToList();

    internal static Category? Find(IDbConnection connection, long id) =>
        connection.QuerySingleOrDefault<Row>(
            $"""
            SELECT {Columns}
              FROM category
             WHERE id = @id
            """,
            new { id })
        ?.ToCategory();

    private static NewChange LogUpdate(Category category) =>
        NewChange.Update(Collection, category.Id, category, CatalogJson.Wire.Category);

    /// <summary>Creates a category. Never refused.</summary>
    public Written<WriteResult<Category>> Create(WriteTransaction transaction, CategoryDraft draft)
    {
        var category = transaction.Connection.QuerySingle<Row>(
            $"""
            INSERT INTO category (name, sort_order, enable, valid_customizations, inserted_at, updated_at)
                 VALUES (@Name, @SortOrder, @Enable, @ValidCustomizations, @Timestamp, @Timestamp)
              RETURNING {Columns}
            """,
            new
            {
                draft.Name,
                draft.SortOrder,
                draft.Enable,
                ValidCustomizations = KeyIds.Format(draft.ValidCustomizations),
                transaction.Timestamp,
            })
        .ToCategory();
        return Written.Saved(category, NewChange.Create(Collection, category.Id, category, Json));
    }

    /// <summary>Changes a category. Never refused.</summary>
    public Written<WriteResult<Category>> Update(WriteTransaction transaction, long id, CategoryPatch patch)
    {
        if (Find(transaction.Connection, id) is not { } before)
        {
            return Written.NotFound<Category>();
        }

        var after = patch.ApplyTo(before);
        if (after == before)
        {
            return Written.Saved(before);
        }

        after = after with { UpdatedAt = transaction.Timestamp };
        transaction.Connection.Execute(
            """
            UPDATE category
               SET name = @Name, sort_order = @SortOrder, enable = @Enable,
                   valid_customizations = @ValidCustomizations, updated_at = @UpdatedAt
             WHERE id = @Id
            """,
            new
            {
                after.Id,
                after.Name,
                after.SortOrder,
                after.Enable,
                ValidCustomizations = KeyIds.Format(after.ValidCustomizations),
                after.UpdatedAt,
            });
        var log = LogUpdate(after);
        return after.Name == before.Name
            ? Written.Saved(after, log)
            : Written.Saved(after, [log, .. ItemStore.LogIn(transaction.Connection, id)]); // items carry the name
    }

    /// <summary>Deletes a category. Refused (<c>items</c>) while it has items.</summary>
    public Written<WriteResult<Category>> Delete(WriteTransaction transaction, long id)
    {
        if (Find(transaction.Connection, id) is not { } category)
        {
            return Written.NotFound<Category>();
        }

        if (ItemStore.ExistIn(transaction.Connection, id))
        {
            return Written.Refused<Category>(new FieldError("items", "are still associated with this entry"));
        }

        transaction.Connection.Execute(
            """
            DELETE FROM category
                  WHERE id = @id
            """,
            new { id });
        return Written.Saved(category, NewChange.Delete(Collection, id));
    }

    private sealed record Row
    {
        public required long Id { get; init; }

        public required string Name { get; init; }

        public required long SortOrder { get; init; }

        public required bool Enable { get; init; }

        public required string ValidCustomizations { get; init; }

        public required string InsertedAt { get; init; }

        public required string UpdatedAt { get; init; }

        public Category ToCategory() => new()
        {
            Id = Id,
            Name = Name,
            SortOrder = SortOrder,
            Enable = Enable,
            ValidCustomizations = KeyIds.Parse(ValidCustomizations),
            InsertedAt = InsertedAt,
            UpdatedAt = UpdatedAt,
        };
    }
}
