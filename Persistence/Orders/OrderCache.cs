using System.Data;
using System.Globalization;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Persistence.Orders;

/// <summary>
/// What the writer has read for earlier orders and the next one needs again. Almost every order names the same few rows
/// of the catalogue; they and the day rarely change. The cache is forgotten when they may have changed.
/// </summary>
internal sealed class OrderCache(IDbConnection connection) : IWriteCache
{
    private readonly Dictionary<long, Item> _items = [];
    private readonly Dictionary<long, CustomizationKey> _keys = [];
    private readonly Dictionary<long, CustomizationValue> _values = [];
    private LabelColors? _colors;
    private ILookup<string?, long>? _keysByDefault;
    private string? _dayStart;

    /// <summary>The cache of the connection that a transaction writes through.</summary>
    public static OrderCache Of(WriteTransaction transaction) =>
        transaction.Caches.Get(static connection => new OrderCache(connection));

    /// <summary>The present colours.</summary>
    public LabelColors Colors => _colors ??= LabelColors.Read(connection);

    /// <summary><see cref="CurrentDay.Start"/>; set by <see cref="CurrentDay.Advance"/>.</summary>
    public string DayStart
    {
        get => _dayStart ??= CurrentDay.Start(connection);
        set => _dayStart = value;
    }

    public Item? FindItem(long id) => Find(_items, id, ItemStore.Find);

    public CustomizationKey? FindKey(long id) => Find(_keys, id, CustomizationKeyStore.Find);

    public CustomizationValue? FindValue(long id) => Find(_values, id, CustomizationValueStore.Find);

    /// <summary>Whether the value is the default of a key other than this one.</summary>
    public bool IsDefaultOfAnother(long keyId, long valueId)
    {
        _keysByDefault ??= CustomizationKeyStore.ReadAll(connection).ToLookup(key => key.DefaultValue, key => key.Id);
        return _keysByDefault[valueId.ToString(CultureInfo.InvariantCulture)].Any(other => other != keyId);
    }

    /// <summary>Forgets everything if the write has changed the catalogue.</summary>
    public void OnWritten(IReadOnlyList<string> collections)
    {
        if (collections.Any(MenuQuery.Collections.Contains))
        {
            Forget();
        }
    }

    /// <inheritdoc/>
    public void Forget()
    {
        _items.Clear();
        _keys.Clear();
        _values.Clear();
        _colors = null;
        _keysByDefault = null;
        _dayStart = null;
    }

    // Missing records are not remembered: there is no limit to such ids.
    private T? Find<T>(Dictionary<long, T> known, long id, Func<IDbConnection, long, T?> find)
        where T : class
    {
        if (known.TryGetValue(id, out var record))
        {
            return record;
        }

        if (find(connection, id) is { } found)
        {
            known[id] = found;
            return found;
        }

        return null;
    }
}
