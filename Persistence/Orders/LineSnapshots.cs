using System.Data;
using Kaffediem.Persistence.Catalog;

namespace Kaffediem.Persistence.Orders;

/// <summary>
/// Turns what is ordered into what the order keeps: names and prices as the catalogue has them now. Collects what is
/// wrong on the way.
/// </summary>
internal sealed class LineSnapshots(IDbConnection connection)
{
    // Each row is looked up once, however often an order names it.
    private readonly Dictionary<long, Item?> _items = [];
    private readonly Dictionary<long, Category?> _categories = [];
    private readonly Dictionary<long, CustomizationKey?> _keys = [];
    private readonly Dictionary<long, CustomizationValue?> _values = [];
    private readonly List<OrderLineError> _errors = [];

    /// <summary>What is wrong with the lines that were taken.</summary>
    public IReadOnlyList<OrderLineError> Errors => _errors;

    /// <summary>The lines' snapshots; incomplete if there are errors.</summary>
    public List<OrderItem> Take(IReadOnlyList<OrderLine> lines) =>
        lines.Index().Select(line => Take(line.Index, line.Item)).OfType<OrderItem>().ToList();

    private OrderItem? Take(int index, OrderLine line)
    {
        // An item that is not enabled may be ordered, as in Kaffebase: the front desk decides.
        if (LookUp(_items, line.ItemId, ItemStore.Find) is not { } item)
        {
            _errors.Add(new OrderLineError(index, null, "item", "not found"));
            return null;
        }

        var validKeyIds = item.CategoryId is { } categoryId
            ? LookUp(_categories, categoryId, CategoryStore.Find)?.ValidCustomizations ?? []
            : [];
        return new OrderItem
        {
            ItemId = item.Id,
            Name = item.Name,
            Price = item.PriceNok,
            Category = item.CategoryName,
            Customizations = line.Choices.Index()
                .SelectMany(choice => Take(index, choice.Index, choice.Item, validKeyIds))
                .ToList(),
        };
    }

    private IEnumerable<OrderCustomization> Take(int line, int index, OrderChoice choice, long[] validKeyIds)
    {
        if (LookUp(_keys, choice.KeyId, CustomizationKeyStore.Find) is not { } key)
        {
            _errors.Add(new OrderLineError(line, index, "key", "not found"));
            yield break;
        }

        if (!validKeyIds.Contains(key.Id))
        {
            _errors.Add(new OrderLineError(line, index, "key", "is not valid for this item"));
            yield break;
        }

        foreach (var valueId in choice.ValueIds)
        {
            var value = LookUp(_values, valueId, CustomizationValueStore.Find);
            if (value?.BelongsTo == key.Id)
            {
                yield return Snapshot(key, value);
                continue;
            }

            var message = value is null ? "not found" : "does not belong to this customization";
            _errors.Add(new OrderLineError(line, index, "value", message));
        }
    }

    private static OrderCustomization Snapshot(CustomizationKey key, CustomizationValue value) => new()
    {
        KeyId = key.Id,
        KeyName = key.Name,
        ValueId = value.Id,
        ValueName = value.Name,
        PriceChange = value.PriceIncrementNok,
        LabelColor = key.LabelColor,
    };

    private T? LookUp<T>(Dictionary<long, T?> known, long id, Func<IDbConnection, long, T?> find)
    {
        if (!known.TryGetValue(id, out var record))
        {
            known[id] = record = find(connection, id);
        }

        return record;
    }
}
