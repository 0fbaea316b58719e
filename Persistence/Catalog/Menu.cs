using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Kaffediem.Persistence.Catalog;

/// <summary>The whole catalogue, enabled or not, in the two forms that the front end uses.</summary>
public sealed record Menu
{
    /// <summary>Categories with their items, and these with their customizations.</summary>
    public required IReadOnlyList<MenuCategory> Tree { get; init; }

    /// <summary>The catalogue as flat lists and lookups.</summary>
    public required MenuIndexes Indexes { get; init; }
}

/// <summary>The menu's lists, each in its collection's order, and lookups by id.</summary>
public sealed record MenuIndexes
{
    /// <summary>All categories.</summary>
    public required IReadOnlyList<Category> Categories { get; init; }

    /// <summary>All items.</summary>
    public required IReadOnlyList<Item> Items { get; init; }

    /// <summary>Items by the category's id.</summary>
    public required IReadOnlyDictionary<long, IReadOnlyList<Item>> ItemsByCategory { get; init; }

    /// <summary>All customization keys.</summary>
    public required IReadOnlyList<CustomizationKey> CustomizationKeys { get; init; }

    /// <summary>All customization values.</summary>
    public required IReadOnlyList<CustomizationValue> CustomizationValues { get; init; }

    /// <summary>Customization values by the key's id.</summary>
    public required IReadOnlyDictionary<long, IReadOnlyList<CustomizationValue>> CustomizationsByKey { get; init; }
}

/// <summary>A category of the tree: all its own fields, and its items.</summary>
public sealed record MenuCategory : Category
{
    [SetsRequiredMembers]
    internal MenuCategory(Category category, IReadOnlyList<MenuItem> items)
        : base(category) => Items = items;

    /// <summary>The category's items.</summary>
    [JsonPropertyOrder(1)] // After the category's own fields.
    public IReadOnlyList<MenuItem> Items { get; }
}

/// <summary>An item of the tree: all its own fields, and the customizations it may be ordered with.</summary>
public sealed record MenuItem : Item
{
    [SetsRequiredMembers]
    internal MenuItem(Item item, IReadOnlyList<MenuCustomization> customizations)
        : base(item) => Customizations = customizations;

    /// <summary>The keys its category allows.</summary>
    [JsonPropertyOrder(1)] // After the item's own fields.
    public IReadOnlyList<MenuCustomization> Customizations { get; }
}

/// <summary>A key of the tree, with its values.</summary>
public sealed record MenuCustomization(CustomizationKey Key, IReadOnlyList<CustomizationValue> Values);
