using Kaffediem.Persistence.Catalog;

namespace Kaffediem.Persistence.Orders;

/// <summary>
/// Turns what is ordered into what the order keeps: names and prices as the catalogue has them now. Collects what is
/// wrong on the way.
/// </summary>
internal sealed class LineSnapshots(OrderCache cache)
{
    private readonly List<OrderLineError> _errors = [];

    /// <summary>What is wrong with the lines that were taken.</summary>
    public IReadOnlyList<OrderLineError> Errors => _errors;

    /// <summary>The lines' snapshots; incomplete if there are errors.</summary>
    public List<OrderItem> Take(IReadOnlyList<OrderLine> lines) =>
        lines.Index().Select(line => Take(line.Index, line.Item)).OfType<OrderItem>().ToList();

    private OrderItem? Take(int index, OrderLine line)
    {
        // An item that is not enabled may be ordered, as in Kaffebase: the front desk decides.
        if (cache.FindItem(line.ItemId) is not { } item)
        {
            _errors.Add(new OrderLineError(index, null, "item", "not found"));
            return null;
        }

        var validKeyIds = item.CategoryId is { } categoryId
            ? cache.FindCategory(categoryId)?.ValidCustomizations ?? []
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
        if (cache.FindKey(choice.KeyId) is not { } key)
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
            var value = cache.FindValue(valueId);
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
}
