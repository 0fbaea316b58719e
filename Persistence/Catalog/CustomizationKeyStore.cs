using System.Data;
using System.Globalization;
using Dapper;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Catalog;

/// <summary>The customization keys. Every change of one is a change of the menu, too.</summary>
public sealed class CustomizationKeyStore(Database database)
{
    internal const string Collection = "customization_key";

    private static readonly FieldError NotItsValue = new("default_value", "is not a value of this customization");

    private const string Columns =
        """
        id AS Id, name AS Name, enable AS Enable, label_color AS LabelColor, default_value AS DefaultValue,
        multiple_choice AS MultipleChoice, sort_order AS SortOrder,
        inserted_at AS InsertedAt, updated_at AS UpdatedAt
        """;

    /// <summary>The list; see <see cref="List"/> for its own order.</summary>
    public static RecordList<CustomizationKey> Records { get; } = new(
        TableKeys.Of(Collection, ownOrder: "sort_order, name, id"),
        transaction => ids => ListedKeys.Pick<CustomizationKey>(transaction, Columns, Collection, ids));

    /// <summary>All customization keys, by sort order, name and id.</summary>
    public static IReadOnlyList<CustomizationKey> List(ReadTransaction transaction) => ReadAll(transaction.Connection);

    /// <summary>A customization key, or <see langword="null"/>.</summary>
    public Task<CustomizationKey?> FindAsync(long id, CancellationToken cancellationToken) =>
        database.ReadAsync(transaction => Find(transaction.Connection, id), cancellationToken);

    /// <summary>Makes a customization key. Refused if its default is another key's (<c>default_value</c>).</summary>
    public Task<WriteResult<CustomizationKey>> CreateAsync(
        CustomizationKeyDraft draft, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Create(transaction, draft), cancellationToken);

    /// <summary>Changes a key. Refused if its new default is not one of its values (<c>default_value</c>).</summary>
    public Task<WriteResult<CustomizationKey>> UpdateAsync(
        long id, CustomizationKeyPatch patch, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Update(transaction, id, patch), cancellationToken);

    /// <summary>Deletes a customization key. Its values stay, as in Kaffebase. Never refused.</summary>
    public Task<WriteResult<CustomizationKey>> DeleteAsync(long id, CancellationToken cancellationToken) =>
        database.WriteAsync(transaction => Delete(transaction, id), cancellationToken);

    /// <inheritdoc cref="FindAsync"/>
    public static CustomizationKey? Find(WriteTransaction transaction, long id) => Find(transaction.Connection, id);

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

    internal static CustomizationKey Insert(WriteTransaction transaction, CustomizationKeyDraft draft) =>
        transaction.Connection.QuerySingle<CustomizationKey>(
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

    internal static NewChange LogCreate(CustomizationKey key) =>
        NewChange.Create(Collection, key.Id, key, CatalogJson.Wire.CustomizationKey);

    private static NewChange LogUpdate(CustomizationKey key) =>
        NewChange.Update(Collection, key.Id, key, CatalogJson.Wire.CustomizationKey);

    /// <inheritdoc cref="CreateAsync"/>
    public static Written<WriteResult<CustomizationKey>> Create(
        WriteTransaction transaction, CustomizationKeyDraft draft)
    {
        // The values of a new key are created after it, so its default value need not exist yet.
        if (draft.DefaultValue is { } value
            && (ToId(value) is not { } valueId || CustomizationValueStore.Find(transaction, valueId) is not null))
        {
            return Written.Refused<CustomizationKey>(NotItsValue);
        }

        var key = Insert(transaction, draft);
        return Written.Saved(key, LogCreate(key));
    }

    /// <inheritdoc cref="UpdateAsync"/>
    public static Written<WriteResult<CustomizationKey>> Update(
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

    /// <inheritdoc cref="DeleteAsync"/>
    public static Written<WriteResult<CustomizationKey>> Delete(WriteTransaction transaction, long id)
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
        ToId(value) is { } valueId && CustomizationValueStore.Find(transaction, valueId)?.BelongsTo == keyId;

    // The front end compares texts, so only the form that it writes itself finds the value.
    private static long? ToId(string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && id.ToString(CultureInfo.InvariantCulture) == value
            ? id
            : null;
}
