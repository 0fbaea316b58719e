namespace Kaffediem.Persistence.Catalog;

/// <summary>A part of the menu, for example "Kaffe".</summary>
public record Category : IRecord // Not sealed: the menu's tree nests a category's items in it.
{
    /// <summary>The row's id, from 1.</summary>
    public required long Id { get; init; }

    /// <summary>Not unique.</summary>
    public required string Name { get; init; }

    /// <summary>Lowest first; may be negative.</summary>
    public required long SortOrder { get; init; }

    /// <summary>Whether it is offered.</summary>
    public required bool Enable { get; init; }

    /// <summary>The ids of the customization keys that its items may be ordered with.</summary>
    public required long[] ValidCustomizations { get; init; }

    /// <summary>UTC, <c>2026-11-23T12:57:01</c>, as stored.</summary>
    public required string InsertedAt { get; init; }

    /// <inheritdoc cref="InsertedAt"/>
    public required string UpdatedAt { get; init; }
}

/// <summary>A category to create. A field that is left out gets the column's default.</summary>
public sealed record CategoryDraft
{
    /// <inheritdoc cref="Category.Name"/>
    public required string Name { get; init; }

    /// <inheritdoc cref="Category.SortOrder"/>
    public long SortOrder { get; init; }

    /// <inheritdoc cref="Category.Enable"/>
    public bool Enable { get; init; }

    /// <inheritdoc cref="Category.ValidCustomizations"/>
    public long[] ValidCustomizations { get; init; } = [];
}

/// <summary>The fields of a category to change.</summary>
public sealed record CategoryPatch
{
    /// <inheritdoc cref="Category.Name"/>
    public Optional<string> Name { get; init; }

    /// <inheritdoc cref="Category.SortOrder"/>
    public Optional<long> SortOrder { get; init; }

    /// <inheritdoc cref="Category.Enable"/>
    public Optional<bool> Enable { get; init; }

    /// <summary>Replaces the whole list.</summary>
    public Optional<long[]> ValidCustomizations { get; init; }

    internal Category ApplyTo(Category category)
    {
        var ids = ValidCustomizations.Or(category.ValidCustomizations);
        return category with
        {
            Name = Name.Or(category.Name),
            SortOrder = SortOrder.Or(category.SortOrder),
            Enable = Enable.Or(category.Enable),
            // Arrays are equal only if they are the same array, and an unchanged category must equal the old one.
            ValidCustomizations = ids.SequenceEqual(category.ValidCustomizations) ? category.ValidCustomizations : ids,
        };
    }
}
