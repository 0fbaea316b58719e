using System.Data;
using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Catalog;

/// <summary>The customization keys. Every change of one is a change of the menu, too.</summary>
public sealed class CustomizationKeyStore : IRecords<CustomizationKey, CustomizationKeyDraft, CustomizationKeyPatch>
{
    /// <summary>The collection's name.</summary>
    public const string Collection = "customization_key";

    private static readonly FieldError NotItsValue = new("default_value", "is not a value of this customization");

    private const string Columns =
        """
        id AS Id, name AS Name, enable AS Enable, label_color AS LabelColor, default_value AS DefaultValue,
        multiple_choice AS MultipleChoice, sort_order AS SortOrder,
        inserted_at AS InsertedAt, updated_at AS UpdatedAt
        """;

    private static readonly SortColumns Sortable = new()
    {
        ["id"] = SortColumn.Id,
        ["name"] = SortColumn.Text("name"),
        ["enable"] = SortColumn.Flag("enable"),
        ["label_color"] = SortColumn.Text("label_color"),
        ["default_value"] = SortColumn.Text("default_value"),
        ["multiple_choice"] = SortColumn.Flag("multiple_choice"),
        ["sort_order"] = new("sort_order"),
        ["inserted_at"] = SortColumn.Text("inserted_at"),
        ["updated_at"] = SortColumn.Text("updated_at"),
    };

    /// <inheritdoc/>
    public string Name => Collection;

    /// <inheritdoc/>
    public JsonTypeInfo<CustomizationKey> Json => CatalogJson.Wire.CustomizationKey;

    /// <summary>The customization keys, by sort order, name and id unless a sort is given.</summary>
    public RecordList<CustomizationKey> List { get; } = TableList.Of(
        Collection,
        Sortable,
        ownOrder: "sort_order, name, id",
        (transaction, ids) => ListedKeys.Pick<CustomizationKey>(transaction, Columns, Collection, ids));

    /// <inheritdoc/>
    public CustomizationKey? Find(ReadTransaction transaction, long id) => Find(transaction.Connection, id);

    /// <inheritdoc/>
    public CustomizationKey? Find(WriteTransaction transaction, long id) => Find(transaction.Connection, id);

    internal static IReadOnlyList<CustomizationKey> ReadAll(IDbConnection connection) =>
        connection.Query<CustomizationKey>(
            $"""
              SELECT {Columns}
                FROM customization_key
            ORDER BY sort_order, name, id
            """)
        .AsList();

    internal static CustomizationKey? Find(IDbConnection connection, long id) =>
        connection.QuerySingleOrDefault<CustomizationKey>(
            $"""
            SELECT {Columns}
              FROM customization_key
             WHERE id = @id
            """,
            new { id });

    private static NewChange LogUpdate(CustomizationKey key) =>
        NewChange.Update(Collection, key.Id, key, CatalogJson.Wire.CustomizationKey);

    /// <summary>Creates a customization key. Refused if its default is another key's (<c>default_value</c>).</summary>
    public Written<WriteResult<CustomizationKey>> Create(
        WriteTransaction transaction, CustomizationKeyDraft draft)
    {
        // The values of a new key are made after it, so its default may be one that does not exist yet.
        if (draft.DefaultValue is { } value
            && (ToId(value) is not { } valueId
                || CustomizationValueStore.Find(transaction.Connection, valueId) is not null))
        {
            return Written.Refused<CustomizationKey>(NotItsValue);
        }

        var key = transaction.Connection.QuerySingle<CustomizationKey>(
            $"""
            INSERT INTO customization_key (name, enable, label_color, default_value, multiple_choice, sort_order,
                                           inserted_at, updated_at)
                 VALUES (@Name, @Enable, @LabelColor, @DefaultValue, @MultipleChoice, @SortOrder,
                         @Timestamp, @Timestamp)
              RETURNING {Columns}
            """,
            new
            {
                draft.Name,
                draft.Enable,
                draft.LabelColor,
                draft.DefaultValue,
                draft.MultipleChoice,
                draft.SortOrder,
                transaction.Timestamp,
            });
        return Written.Saved(key, NewChange.Create(Collection, key.Id, key, Json));
    }

    /// <summary>Changes a key. Refused if its new default is not one of its values (<c>default_value</c>).</summary>
    public Written<WriteResult<CustomizationKey>> Update(
        WriteTransaction transaction, long id, CustomizationKeyPatch patch)
    {
        if (Find(transaction.Connection, id) is not { } before)
        {
            return Written.NotFound<CustomizationKey>();
        }

        var after = patch.ApplyTo(before);
        if (after == before)
        {
            return Written.Saved(before);
        }

        // Only a changed default is checked: the front end sends the old one back, and a default outlives its value.
        if (after.DefaultValue is { } value && value != before.DefaultValue && !IsValueOf(transaction, id, value))
        {
            return Written.Refused<CustomizationKey>(NotItsValue);
        }

        after = after with { UpdatedAt = transaction.Timestamp };
        transaction.Connection.Execute(
            """
            UPDATE customization_key
               SET name = @Name, enable = @Enable, label_color = @LabelColor, default_value = @DefaultValue,
                   multiple_choice = @MultipleChoice, sort_order = @SortOrder, updated_at = @UpdatedAt
             WHERE id = @Id
            """,
            after);
        return Written.Saved(after, LogUpdate(after));
    }

    /// <summary>Deletes a customization key. Its values stay, as in Kaffebase. Never refused.</summary>
    public Written<WriteResult<CustomizationKey>> Delete(WriteTransaction transaction, long id)
    {
        if (Find(transaction.Connection, id) is not { } key)
        {
            return Written.NotFound<CustomizationKey>();
        }

        transaction.Connection.Execute(
            """
            DELETE FROM customization_key
                  WHERE id = @id
            """,
            new { id });
        return Written.Saved(key, NewChange.Delete(Collection, id));
    }

    private static bool IsValueOf(WriteTransaction transaction, long keyId, string value) =>
        ToId(value) is { } valueId && CustomizationValueStore.Find(transaction.Connection, valueId)?.BelongsTo == keyId;

    // The front end compares texts, so only the form that it writes itself finds the value.
    private static long? ToId(string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && id.ToString(CultureInfo.InvariantCulture) == value
            ? id
            : null;
}
