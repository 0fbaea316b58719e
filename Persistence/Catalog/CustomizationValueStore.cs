using System.Data;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Catalog;

/// <summary>The customization values. Every change of one is a change of the menu, too.</summary>
public sealed class CustomizationValueStore
    : IRecords<CustomizationValue, CustomizationValueDraft, CustomizationValuePatch>
{
    /// <summary>The collection's name.</summary>
    public const string Collection = "customization_value";

    private const string Columns =
        """
        id AS Id, name AS Name, belongs_to AS BelongsTo, price_increment_nok AS PriceIncrementNok,
        constant_price AS ConstantPrice, enable AS Enable, sort_order AS SortOrder,
        inserted_at AS InsertedAt, updated_at AS UpdatedAt
        """;

    private static readonly SortColumns Sortable = new()
    {
        ["id"] = SortColumn.Id,
        ["name"] = SortColumn.Text("name"),
        ["belongs_to"] = new("belongs_to"),
        ["price_increment_nok"] = new("price_increment_nok"),
        ["constant_price"] = SortColumn.Flag("constant_price"),
        ["enable"] = SortColumn.Flag("enable"),
        ["sort_order"] = new("sort_order"),
        ["inserted_at"] = SortColumn.Text("inserted_at"),
        ["updated_at"] = SortColumn.Text("updated_at"),
    };

    /// <inheritdoc/>
    public string Name => Collection;

    /// <inheritdoc/>
    public JsonTypeInfo<CustomizationValue> Json => CatalogJson.Wire.CustomizationValue;

    /// <summary>The customization values, by sort order, name and id unless a sort is given.</summary>
    public RecordList<CustomizationValue> List { get; } = TableList.Of(
        Collection,
        Sortable,
        ownOrder: "sort_order, name, id",
        (transaction, ids) => ListedKeys.Pick<CustomizationValue>(transaction, Columns, Collection, ids));

    /// <inheritdoc/>
    public CustomizationValue? Find(ReadTransaction transaction, long id) => Find(transaction.Connection, id);

    /// <inheritdoc/>
    public CustomizationValue? Find(WriteTransaction transaction, long id) => Find(transaction.Connection, id);

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

    private static NewChange LogUpdate(CustomizationValue value) =>
        NewChange.Update(Collection, value.Id, value, CatalogJson.Wire.CustomizationValue);

    /// <summary>Creates a customization value. Never refused.</summary>
    public Written<WriteResult<CustomizationValue>> Create(
        WriteTransaction transaction, CustomizationValueDraft draft)
    {
        var value = transaction.Connection.QuerySingle<CustomizationValue>(
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
        return Written.Saved(value, NewChange.Create(Collection, value.Id, value, Json));
    }

    /// <summary>Changes a customization value. Never refused.</summary>
    public Written<WriteResult<CustomizationValue>> Update(
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

    /// <summary>Deletes a customization value. Orders keep what they say of it. Never refused.</summary>
    public Written<WriteResult<CustomizationValue>> Delete(WriteTransaction transaction, long id)
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
