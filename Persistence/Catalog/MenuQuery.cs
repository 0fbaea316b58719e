using System.Data;
using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Persistence.Catalog;

/// <summary>Reads the menu.</summary>
public static class MenuQuery
{
    /// <summary>The collections that make up the menu: it changes whenever one of their records does.</summary>
    public static IReadOnlyList<string> Collections { get; } =
    [
        CategoryStore.Collection,
        ItemStore.Collection,
        CustomizationKeyStore.Collection,
        CustomizationValueStore.Collection,
    ];

    /// <summary>The menu as of the transaction.</summary>
    public static Menu Read(ReadTransaction transaction)
    {
        var indexes = ReadIndexes(transaction.Connection);
        return new Menu { Tree = BuildTree(indexes), Indexes = indexes };
    }

    private static MenuIndexes ReadIndexes(IDbConnection connection)
    {
        var items = ItemStore.ReadAll(connection);
        var values = CustomizationValueStore.ReadAll(connection);
        return new MenuIndexes
        {
            Categories = CategoryStore.ReadAll(connection),
            Items = items,
            ItemsByCategory = By(items, item => item.CategoryId),
            CustomizationKeys = CustomizationKeyStore.ReadAll(connection),
            CustomizationValues = values,
            CustomizationsByKey = By(values, value => value.BelongsTo),
        };
    }

    private static List<MenuCategory> BuildTree(MenuIndexes indexes)
    {
        var customizations = indexes.CustomizationKeys
            .Select(key => new MenuCustomization(key, indexes.CustomizationsByKey.GetValueOrDefault(key.Id, [])))
            .ToList();
        return indexes.Categories.Select(Category).ToList();

        MenuCategory Category(Category category)
        {
            var valid = customizations.Where(it => category.ValidCustomizations.Contains(it.Key.Id)).ToList();
            var items = indexes.ItemsByCategory.GetValueOrDefault(category.Id, []);
            return new MenuCategory(category, items.Select(item => new MenuItem(item, valid)).ToList());
        }
    }

    private static Dictionary<long, IReadOnlyList<T>> By<T>(IEnumerable<T> records, Func<T, long?> id) =>
        records.Where(record => id(record) is not null)
            .GroupBy(record => id(record).GetValueOrDefault())
            .ToDictionary(group => group.Key, IReadOnlyList<T> (group) => group.ToList());
}
