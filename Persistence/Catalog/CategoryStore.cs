using System.Data;
using Dapper;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Catalog;

/// <summary>The categories. Every change of one is a change of the menu, too.</summary>
public sealed class CategoryStore(Database database)
{
    internal const string Collection = "category";

    private const string Columns =
        """
        id AS Id, name AS Name, sort_order AS SortOrder, enable AS Enable,
        valid_customizations AS ValidCustomizations, inserted_at AS InsertedAt, updated_at AS UpdatedAt
        """;

    /// <summary>The list; see <see cref="List"/> for its own order.</summary>
    public static RecordList<Category> Records { get; } = new(
        TableKeys.Of(Collection, ownOrder: "sort_order, name, id"),
        transaction => ids => ListedKeys.Pick<Row>(transaction, Columns, Collection, ids)
            .Select(row => row.ToCategory()));

    /// <summary>All categories, by sort order, name and id.</summary>
    public static IReadOnlyList<Category> List(ReadTransaction transaction) => ReadAll(transaction.Connection);

    /// <summary>A category, or <see langword="null"/>.</summary>
    public Task<Category?> FindAsync(long id, CancellationToken cancellationToken) =>
        database.ReadAsync(transaction => Find(transaction.Connection, id), cancellationToken);

    /// <summary>Makes a category. Never refused.</summary>
    public Task<WriteResult<Category>> CreateAsync(CategoryDraft draft, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Create(transaction, draft), cancellationToken);

    /// <summary>Changes a category. Never refused.</summary>
    public Task<WriteResult<Category>> UpdateAsync(long id, CategoryPatch patch, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Update(transaction, id, patch), cancellationToken);

    /// <summary>Deletes a category. Refused (<c>items</c>) while it has items.</summary>
    public Task<WriteResult<Category>> DeleteAsync(long id, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Delete(transaction, id), cancellationToken);

    /// <inheritdoc cref="FindAsync"/>
    public static Category? Find(WriteTransaction transaction, long id) => Find(transaction.Connection, id);

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

    internal static Category Insert(WriteTransaction transaction, CategoryDraft draft) =>
        transaction.Connection.QuerySingle<Row>(
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

    internal static NewChange LogCreate(Category category) =>
        NewChange.Create(Collection, category.Id, category, CatalogJson.Wire.Category);

    private static NewChange LogUpdate(Category category) =>
        NewChange.Update(Collection, category.Id, category, CatalogJson.Wire.Category);

    /// <inheritdoc cref="CreateAsync"/>
    public static Written<WriteResult<Category>> Create(WriteTransaction transaction, CategoryDraft draft)
    {
        var category = Insert(transaction, draft);
        return Written.Saved(category, LogCreate(category));
    }

    /// <inheritdoc cref="UpdateAsync"/>
    public static Written<WriteResult<Category>> Update(WriteTransaction transaction, long id, CategoryPatch patch)
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

    /// <inheritdoc cref="DeleteAsync"/>
    public static Written<WriteResult<Category>> Delete(WriteTransaction transaction, long id)
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
