using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Realtime;

/// <summary>The collections a client can listen to, and what is in them.</summary>
internal static class Collections
{
    public const string Menu = "menu";
    public const string Order = "order";
    public const string Item = "item";

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Menu, "category", Item, "customization_key", "customization_value", Order, "message", "status"];

    /// <summary>What is answered to an unknown name: the names that exist, the most similar one first.</summary>
    public static string DescribeUnknown(string collection) =>
        $"{NameHints.Quote(collection)} is not a collection; the collections are {NameHints.List(All, collection)}";

    /// <summary>Whether its records have images.</summary>
    public static bool HasImages(string collection) => collection is Menu or Item;

    /// <summary>Those whose changes change it: itself; the menu is made of four.</summary>
    public static IReadOnlyList<string> LoggedAs(string collection) =>
        collection == Menu ? MenuQuery.Collections : [collection];

    /// <summary>
    /// Reads what a join is answered with, as JSON: the list of records, or the menu. Not the orders, which are too
    /// many.
    /// </summary>
    public static Func<ReadTransaction, byte[]> Query(View view) => view.Collection switch
    {
        Menu => ReadMenu,
        "category" => transaction => Json(CategoryStore.List(transaction), CatalogJson.Wire.IReadOnlyListCategory),
        Item => transaction => Json(ItemStore.List(transaction), CatalogJson.Wire.IReadOnlyListItem),
        "customization_key" => transaction =>
            Json(CustomizationKeyStore.List(transaction), CatalogJson.Wire.IReadOnlyListCustomizationKey),
        "customization_value" => transaction =>
            Json(CustomizationValueStore.List(transaction), CatalogJson.Wire.IReadOnlyListCustomizationValue),
        "message" => transaction => Json(NoticeStore.List(transaction), ContentJson.Wire.IReadOnlyListNotice),
        "status" => transaction => Json(StatusStore.List(transaction), ContentJson.Wire.IReadOnlyListStatus),
        _ => throw new ArgumentOutOfRangeException(nameof(view)),
    };

    /// <summary>The menu as JSON.</summary>
    public static byte[] ReadMenu(ReadTransaction transaction) =>
        Json(MenuQuery.Read(transaction), CatalogJson.Wire.Menu);

    private static byte[] Json<T>(T value, JsonTypeInfo<T> typeInfo) =>
        JsonSerializer.SerializeToUtf8Bytes(value, typeInfo);
}
