using System.Text.Json.Serialization;

namespace Kaffediem.Persistence.Orders;

/// <summary>
/// A line of an order, as the column <c>items_data</c> has it. Nothing is required: a PATCH sent to Kaffebase could
/// leave out almost anything, and such a row must not make the orders unreadable.
/// </summary>
public sealed record OrderItem
{
    /// <summary>The id of the item, which may have been deleted since.</summary>
    public long? ItemId { get; init; }

    /// <summary>The item's name.</summary>
    public string? Name { get; init; }

    /// <summary>The item's price, kroner, without customizations.</summary>
    [JsonConverter(typeof(FloatConverter))]
    public double? Price { get; init; }

    /// <summary>The category's name.</summary>
    public string? Category { get; init; }

    /// <summary>The customizations, one for each chosen value.</summary>
    public IReadOnlyList<OrderCustomization> Customizations { get; init => field = value ?? []; } = [];

    /// <summary>The chosen values that the catalogue no longer had when the order was placed.</summary>
    public IReadOnlyList<LeftOutChoice> LeftOut { get; init => field = value ?? []; } = [];

    /// <summary>Kroner, with customizations; <see langword="null"/> if unknown (<see cref="OrderPrice"/>).</summary>
    public double? Total => OrderPrice.Of(this);
}

/// <summary>A chosen value of a line.</summary>
public sealed record OrderCustomization
{
    /// <summary>The id of the key, which may have been deleted since.</summary>
    public long? KeyId { get; init; }

    /// <summary>The key's name.</summary>
    public string? KeyName { get; init; }

    /// <summary>The id of the value, which may have been deleted since.</summary>
    public long? ValueId { get; init; }

    /// <summary>The value's name.</summary>
    public string? ValueName { get; init; }

    /// <summary>The value's price increment.</summary>
    [JsonConverter(typeof(FloatConverter))]
    public double? PriceChange { get; init; }

    /// <summary>
    /// Whether <see cref="PriceChange"/> is in kroner; otherwise it is a factor in per cent. <see langword="null"/>
    /// means unknown: Kaffebase does not store it.
    /// </summary>
    public bool? ConstantPrice { get; init; }

    /// <summary>
    /// The key's colour. Kaffebase does not store it; where it is missing, the key's present colour is served.
    /// </summary>
    public string? LabelColor { get; init; }
}

/// <summary>
/// A value that a line names but does not have: it, or its key, was deleted while the order lay in a cart.
/// </summary>
public sealed record LeftOutChoice
{
    /// <summary>The key's id, as sent.</summary>
    public long? KeyId { get; init; }

    /// <summary>The value's id, as sent.</summary>
    public long? ValueId { get; init; }

    /// <summary><c>key not found</c> or <c>value not found</c>.</summary>
    public string? Reason { get; init; }
}
