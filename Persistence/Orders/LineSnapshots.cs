using Kaffediem.Persistence.Catalog;

namespace Kaffediem.Persistence.Orders;

/// <summary>
/// Turns the lines of a new order into the stored ones, with names and prices as the catalogue has them now. A cart may
/// be older than the catalogue, and the front end sends customizations with items that are not offered with them. Such
/// an order is accepted, as in Kaffebase: customizations that exist are stored, the others are left out.
/// </summary>
internal sealed class LineSnapshots(OrderCache cache)
{
    private readonly List<OrderLineError> _errors = [];

    /// <summary>The errors of the lines so far.</summary>
    public IReadOnlyList<OrderLineError> Errors => _errors;

    /// <summary>The lines' snapshots; incomplete if there are errors.</summary>
    public List<OrderItem> Take(IReadOnlyList<OrderLine> lines) =>
        lines.Index().Select(line => Take(line.Index, line.Item)).OfType<OrderItem>().ToList();

    private OrderItem? Take(int index, OrderLine line)
    {
        // A disabled item may be ordered, as in Kaffebase: the front desk decides.
        if (cache.FindItem(line.ItemId) is not { } item)
        {
            _errors.Add(new OrderLineError(index, null, "item", "not found"));
            return null;
        }

        var customizations = new List<OrderCustomization>(line.Choices.Count);
        List<LeftOutChoice>? leftOut = null;
        foreach (var (choiceIndex, choice) in line.Choices.Index())
        {
            if (!TryTake(choice, customizations, ref leftOut))
            {
                _errors.Add(new OrderLineError(index, choiceIndex, "value", "only one may be chosen"));
            }
        }

        return Snapshot(item) with { Customizations = customizations, LeftOut = leftOut ?? [] };
    }

    /// <returns>Whether the key allows so many values.</returns>
    private bool TryTake(OrderChoice choice, List<OrderCustomization> taken, ref List<LeftOutChoice>? leftOut)
    {
        // Not checked: that the item is offered with the key, and that the value is one of the key's. Both may have
        // changed since the cart was filled.
        var key = cache.FindKey(choice.KeyId);
        foreach (var valueId in choice.ValueIds)
        {
            if (key is null || cache.FindValue(valueId) is not { } value)
            {
                (leftOut ??= []).Add(LeaveOut(choice.KeyId, valueId, key is null ? "key" : "value"));
                continue;
            }

            if (!key.MultipleChoice && IsSecond(key.Id, value.Id, taken))
            {
                return false;
            }

            taken.Add(Snapshot(key, value));
        }

        return true;
    }

    // The front end adds each key's default value and sends it under the key that the value belongs to. If that is
    // another key by now, the line also has that key's own value, although the customer has not chosen two.
    private bool IsSecond(long keyId, long valueId, List<OrderCustomization> taken) =>
        taken.Exists(chosen => chosen.KeyId == keyId)
        && !cache.IsDefaultOfAnother(keyId, valueId)
        && taken.Exists(chosen =>
            chosen.KeyId == keyId && chosen.ValueId is { } chosenId && !cache.IsDefaultOfAnother(keyId, chosenId));

    private static LeftOutChoice LeaveOut(long keyId, long valueId, string missing) =>
        new() { KeyId = keyId, ValueId = valueId, Reason = $"{missing} not found" };

    private static OrderItem Snapshot(Item item) => new()
    {
        ItemId = item.Id,
        Name = item.Name,
        Price = item.PriceNok,
        Category = item.CategoryName,
    };

    private static OrderCustomization Snapshot(CustomizationKey key, CustomizationValue value) => new()
    {
        KeyId = key.Id,
        KeyName = key.Name,
        ValueId = value.Id,
        ValueName = value.Name,
        PriceChange = value.PriceIncrementNok,
        ConstantPrice = value.ConstantPrice,
        LabelColor = key.LabelColor,
    };
}
