using Kaffediem.Persistence.Catalog;

namespace Kaffediem.Persistence.Orders;

/// <summary>
/// Turns the lines of a new order into what the order stores: names and prices as the catalogue has them now. A cart
/// may be older than the catalogue, and the front end sends customizations along with items that are not offered with
/// them. Such an order is accepted, as Kaffebase accepts it: a customization that exists stays, others are left out.
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
        // Neither that the item is offered with the key, nor that the value is one of the key: both may have changed.
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

    // The front end adds each key's default and sends it under the key that the value belongs to. If that is another
    // key by now, the line has that key's own value as well, and nobody has chosen two.
    private bool IsSecond(long keyId, long valueId, List<OrderCustomization> taken) =>
        taken.Exists(chosen => chosen.KeyId == keyId)
        && !cache.IsDefaultOfAnother(keyId, valueId)
        && taken.Exists(chosen => chosen.KeyId == keyId && !cache.IsDefaultOfAnother(keyId, chosen.ValueId!.Value));

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
