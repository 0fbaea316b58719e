using System.Data;
using System.Globalization;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Orders;

/// <summary>
/// What the writer has read for the orders so far and the next one needs again: almost every order names the same few
/// rows of the catalogue, and neither they nor the day change often. The writer forgets it when they may have.
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

    /// <summary><see cref="CurrentDay.Start"/>; set by who moves it.</summary>
    public string DayStart
    {
        get => _dayStart ??= CurrentDay.Start(connection);
        set => _dayStart = value;
    }

    public Item? FindItem(long id) => Find(_items, id, ItemStore.Find);

    public CustomizationKey? FindKey(long id) => Find(_keys, id, CustomizationKeyStore.Find);

    public CustomizationValue? FindValue(long id) => Find(_values, id, CustomizationValueStore.Find);

    /// <summary>Whether a key other than this one has the value as its default.</summary>
    public bool IsDefaultOfAnother(long keyId, long valueId)
    {
        _keysByDefault ??= CustomizationKeyStore.ReadAll(connection).ToLookup(key => key.DefaultValue, key => key.Id);
        return _keysByDefault[valueId.ToString(CultureInfo.InvariantCulture)].Any(other => other != keyId);
    }

    /// <summary>Forgets everything if the catalogue is among what was written.</summary>
    public void OnWritten(IReadOnlyList<NewChange> changes)
    {
        if (changes.Any(change => MenuQuery.Collections.Contains(change.Collection)))
        {
            Forget();
        }
    }

    /// <summary>Forgets everything: a write that was taken back may have been read.</summary>
    public void Forget()
    {
        _items.Clear();
        _keys.Clear();
        _values.Clear();
        _colors = null;
        _keysByDefault = null;
        _dayStart = null;
    }

    // What does not exist is not remembered: there is no end of such ids.
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
