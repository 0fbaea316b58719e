using System.Data;
using Dapper;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Catalog;

/// <summary>The customization values. Every change of one is a change of the menu, too.</summary>
public sealed class CustomizationValueStore(Database database)
{
    internal const string Collection = "customization_value";

    private const string Columns =
        """
        id AS Id, name AS Name, belongs_to AS BelongsTo, price_increment_nok AS PriceIncrementNok,
        constant_price AS ConstantPrice, enable AS Enable, sort_order AS SortOrder,
        inserted_at AS InsertedAt, updated_at AS UpdatedAt
        """;

    /// <summary>The list; see <see cref="List"/> for its own order.</summary>
    public static RecordList<CustomizationValue> Records { get; } = new(
        TableKeys.Of(Collection, ownOrder: "sort_order, name, id"),
        transaction => ids => ListedKeys.Pick<CustomizationValue>(transaction, Columns, Collection, ids));

    /// <summary>All customization values, by sort order, name and id.</summary>
    public static IReadOnlyList<CustomizationValue> List(ReadTransaction transaction) =>
        ReadAll(transaction.Connection);

    /// <summary>A customization value, or <see langword="null"/>.</summary>
    public Task<CustomizationValue?> FindAsync(long id, CancellationToken cancellationToken) =>
        database.ReadAsync(transaction => Find(transaction.Connection, id), cancellationToken);

    /// <summary>Makes a customization value. Never refused.</summary>
    public Task<WriteResult<CustomizationValue>> CreateAsync(
        CustomizationValueDraft draft, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Create(transaction, draft), cancellationToken);

    /// <summary>Changes a customization value. Never refused.</summary>
    public Task<WriteResult<CustomizationValue>> UpdateAsync(
        long id, CustomizationValuePatch patch, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Update(transaction, id, patch), cancellationToken);

    /// <summary>Deletes a customization value. Orders keep what they say of it. Never refused.</summary>
    public Task<WriteResult<CustomizationValue>> DeleteAsync(long id, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Delete(transaction, id), cancellationToken);

    /// <inheritdoc cref="FindAsync"/>
    public static CustomizationValue? Find(WriteTransaction transaction, long id) => Find(transaction.Connection, id);

    internal static IReadOnlyList<CustomizationValue> ReadAll(IDbConnection connection) =>
        connection.Query<CustomizationValue>(
            $"""
              SELECT {Columns}
                FROM customization_value
            ORDER BY sort_order, name, id
            """)
        .AsList();

    internal static CustomizationValue? Find(IDbConnection connection, long id) =>
        connection.QuerySingleOrDefault<CustomizationValue>(
            $"""
            SELECT {Columns}
              FROM customization_value
             WHERE id = @id
            """,
            new { id });

    internal static CustomizationValue Insert(WriteTransaction transaction, CustomizationValueDraft draft) =>
        transaction.Connection.QuerySingle<CustomizationValue>(
            $"""
            INSERT INTO customization_value (name, belongs_to, price_increment_nok, constant_price, enable, sort_order,
                                             inserted_at, updated_at)
                 VALUES (@Name, @BelongsTo, @PriceIncrementNok, @ConstantPrice, @Enable, @SortOrder,
                         @Timestamp, @Timestamp)
              RETURNING {Columns}
            """,
            new
            {
                draft.Name,
                draft.BelongsTo,
                draft.PriceIncrementNok,
                draft.ConstantPrice,
                draft.Enable,
                draft.SortOrder,
                transaction.Timestamp,
            });

    internal static NewChange LogCreate(CustomizationValue value) =>
        NewChange.Create(Collection, value.Id, value, CatalogJson.Wire.CustomizationValue);

    private static NewChange LogUpdate(CustomizationValue value) =>
        NewChange.Update(Collection, value.Id, value, CatalogJson.Wire.CustomizationValue);

    /// <inheritdoc cref="CreateAsync"/>
    public static Written<WriteResult<CustomizationValue>> Create(
        WriteTransaction transaction, CustomizationValueDraft draft)
    {
        var value = Insert(transaction, draft);
        return Written.Saved(value, LogCreate(value));
    }

    /// <inheritdoc cref="UpdateAsync"/>
    public static Written<WriteResult<CustomizationValue>> Update(
        WriteTransaction transaction, long id, CustomizationValuePatch patch)
    {
        if (Find(transaction.Connection, id) is not { } before)
        {
            return Written.NotFound<CustomizationValue>();
        }

        var after = patch.ApplyTo(before);
        if (after == before)
        {
            return Written.Saved(before);
        }

        after = after with { UpdatedAt = transaction.Timestamp };
        transaction.Connection.Execute(
            """
            UPDATE customization_value
               SET name = @Name, belongs_to = @BelongsTo, price_increment_nok = @PriceIncrementNok,
                   constant_price = @ConstantPrice, enable = @Enable, sort_order = @SortOrder, updated_at = @UpdatedAt
             WHERE id = @Id
            """,
            after);
        return Written.Saved(after, LogUpdate(after));
    }

    /// <inheritdoc cref="DeleteAsync"/>
    public static Written<WriteResult<CustomizationValue>> Delete(WriteTransaction transaction, long id)
    {
        if (Find(transaction.Connection, id) is not { } value)
        {
            return Written.NotFound<CustomizationValue>();
        }

        transaction.Connection.Execute(
            """
            DELETE FROM customization_value
                  WHERE id = @id
            """,
            new { id });
        return Written.Saved(value, NewChange.Delete(Collection, id));
    }
}
