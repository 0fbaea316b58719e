namespace Kaffediem.Persistence.Catalog;

/// <summary>A choice of a customization key, for example "Havre".</summary>
public sealed record CustomizationValue : IRecord
{
    /// <summary>The row's id, from 1.</summary>
    public required long Id { get; init; }

    /// <summary>Not unique.</summary>
    public required string Name { get; init; }

    /// <summary>The key's id. The key may be missing: a deleted key leaves its values behind.</summary>
    public required long BelongsTo { get; init; }

    /// <summary>Kroner, or per cent of the item's price: see <see cref="ConstantPrice"/>.</summary>
    public required long PriceIncrementNok { get; init; }

    /// <summary>
    /// Whether the increment is in kroner; otherwise it is a factor in per cent, 150 for half as much again.
    /// </summary>
    public required bool ConstantPrice { get; init; }

    /// <summary>Whether it is offered.</summary>
    public required bool Enable { get; init; }

    /// <summary>Lowest first; may be negative.</summary>
    public required long SortOrder { get; init; }

    /// <summary>UTC, <c>2026-11-23T12:57:01</c>, as stored.</summary>
    public required string InsertedAt { get; init; }

    /// <inheritdoc cref="InsertedAt"/>
    public required string UpdatedAt { get; init; }
}

/// <summary>A customization value to create. A field that is left out gets the column's default.</summary>
public sealed record CustomizationValueDraft
{
    /// <inheritdoc cref="CustomizationValue.Name"/>
    public required string Name { get; init; }

    /// <inheritdoc cref="CustomizationValue.BelongsTo"/>
    public required long BelongsTo { get; init; }

    /// <inheritdoc cref="CustomizationValue.PriceIncrementNok"/>
    public long PriceIncrementNok { get; init; }

    /// <inheritdoc cref="CustomizationValue.ConstantPrice"/>
    public bool ConstantPrice { get; init; }

    /// <inheritdoc cref="CustomizationValue.Enable"/>
    public bool Enable { get; init; }

    /// <inheritdoc cref="CustomizationValue.SortOrder"/>
    public long SortOrder { get; init; }
}

/// <summary>The fields of a customization value to change.</summary>
public sealed record CustomizationValuePatch
{
    /// <inheritdoc cref="CustomizationValue.Name"/>
    public Optional<string> Name { get; init; }

    /// <inheritdoc cref="CustomizationValue.BelongsTo"/>
    public Optional<long> BelongsTo { get; init; }

    /// <inheritdoc cref="CustomizationValue.PriceIncrementNok"/>
    public Optional<long> PriceIncrementNok { get; init; }

    /// <inheritdoc cref="CustomizationValue.ConstantPrice"/>
    public Optional<bool> ConstantPrice { get; init; }

    /// <inheritdoc cref="CustomizationValue.Enable"/>
    public Optional<bool> Enable { get; init; }

    /// <inheritdoc cref="CustomizationValue.SortOrder"/>
    public Optional<long> SortOrder { get; init; }

    internal CustomizationValue ApplyTo(CustomizationValue value) => value with
    {
        Name = Name.Or(value.Name),
        BelongsTo = BelongsTo.Or(value.BelongsTo),
        PriceIncrementNok = PriceIncrementNok.Or(value.PriceIncrementNok),
        ConstantPrice = ConstantPrice.Or(value.ConstantPrice),
        Enable = Enable.Or(value.Enable),
        SortOrder = SortOrder.Or(value.SortOrder),
    };
}
