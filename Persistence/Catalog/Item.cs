namespace Kaffediem.Persistence.Catalog;

/// <summary>An item to order, for example "Latte".</summary>
public record Item : IRecord // Not sealed: the menu's tree nests an item's customizations in it.
{
    /// <summary>The row's id, from 1.</summary>
    public required long Id { get; init; }

    /// <summary>Unique, in this exact spelling.</summary>
    public required string Name { get; init; }

    /// <summary>Kroner.</summary>
    public required long PriceNok { get; init; }

    /// <summary><see langword="null"/> only in rows that Kaffebase wrote.</summary>
    public required long? CategoryId { get; init; }

    /// <summary>The category's name, <see langword="null"/> without one.</summary>
    public required string? CategoryName { get; init; }

    /// <summary>A URL or a file's name; <see langword="null"/> for none.</summary>
    public required string? Image { get; init; }

    /// <summary>Whether it is offered. A disabled item may still be ordered.</summary>
    public required bool Enable { get; init; }

    /// <summary>Lowest first; may be negative.</summary>
    public required long SortOrder { get; init; }

    /// <summary>UTC, <c>2026-11-23T12:57:01</c>, as stored.</summary>
    public required string InsertedAt { get; init; }

    /// <inheritdoc cref="InsertedAt"/>
    public required string UpdatedAt { get; init; }
}

/// <summary>An item to create. A field that is left out gets the column's default.</summary>
public sealed record ItemDraft
{
    /// <inheritdoc cref="Item.Name"/>
    public required string Name { get; init; }

    /// <inheritdoc cref="Item.PriceNok"/>
    public required long PriceNok { get; init; }

    /// <summary>The id of the item's category, which must exist.</summary>
    public required long CategoryId { get; init; }

    /// <inheritdoc cref="Item.Image"/>
    public string? Image { get; init; }

    /// <inheritdoc cref="Item.Enable"/>
    public bool Enable { get; init; }

    /// <inheritdoc cref="Item.SortOrder"/>
    public long SortOrder { get; init; }
}

/// <summary>The fields of an item to change.</summary>
public sealed record ItemPatch
{
    /// <inheritdoc cref="Item.Name"/>
    public Optional<string> Name { get; init; }

    /// <inheritdoc cref="Item.PriceNok"/>
    public Optional<long> PriceNok { get; init; }

    /// <inheritdoc cref="ItemDraft.CategoryId"/>
    public Optional<long> CategoryId { get; init; }

    /// <inheritdoc cref="Item.Image"/>
    public Optional<string?> Image { get; init; }

    /// <inheritdoc cref="Item.Enable"/>
    public Optional<bool> Enable { get; init; }

    /// <inheritdoc cref="Item.SortOrder"/>
    public Optional<long> SortOrder { get; init; }

    internal Item ApplyTo(Item item) => item with
    {
        Name = Name.Or(item.Name),
        PriceNok = PriceNok.Or(item.PriceNok),
        CategoryId = CategoryId.HasValue ? CategoryId.Value : item.CategoryId,
        Image = Image.Or(item.Image),
        Enable = Enable.Or(item.Enable),
        SortOrder = SortOrder.Or(item.SortOrder),
    };
}
