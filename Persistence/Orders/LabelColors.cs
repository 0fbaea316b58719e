using System.Data;
using Kaffediem.Persistence.Catalog;

namespace Kaffediem.Persistence.Orders;

/// <summary>The present colours of all customization keys, read once for any number of orders.</summary>
internal sealed class LabelColors
{
    private readonly Dictionary<long, string?> _byKeyId;

    private LabelColors(Dictionary<long, string?> byKeyId) => _byKeyId = byKeyId;

    public static LabelColors Read(IDbConnection connection) =>
        new(CustomizationKeyStore.ReadAll(connection).ToDictionary(key => key.Id, key => key.LabelColor));

    /// <summary>Adds the colours of the customizations that were stored without one.</summary>
    public IReadOnlyList<OrderItem> Complete(IReadOnlyList<OrderItem> items) =>
        items.Select(item => item with { Customizations = item.Customizations.Select(Complete).ToList() }).ToList();

    private OrderCustomization Complete(OrderCustomization customization) =>
        customization is { LabelColor: null, KeyId: { } keyId }
            ? customization with { LabelColor = _byKeyId.GetValueOrDefault(keyId) }
            : customization;
}
