using Kaffediem.Persistence.Catalog;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.Catalog;

/// <summary>The menu: <c>category</c>, <c>item</c>, <c>customization_key</c>, <c>customization_value</c>.</summary>
internal static class CatalogApi
{
    public static void AddCatalog(this IServiceCollection services) => services.AddSingleton<ItemForms>();

    public static void MapCatalog(this WebApplication app)
    {
        MapCategories(app, app.Services.GetRequiredService<CategoryStore>());
        MapItems(app, app.Services.GetRequiredService<ItemStore>(), app.Services.GetRequiredService<ItemForms>());
        MapKeys(app, app.Services.GetRequiredService<CustomizationKeyStore>());
        MapValues(app, app.Services.GetRequiredService<CustomizationValueStore>());
    }

    private static void MapCategories(IEndpointRouteBuilder app, CategoryStore categories) =>
        new RecordEndpoints<Category, CategoryDraft, CategoryPatch>
        {
            Collection = "category",
            List = (_, _) => CategoryStore.Records,
            Find = categories.FindAsync,
            Current = CategoryStore.Find,
            Create = CategoryStore.Create,
            Update = CategoryStore.Update,
            Delete = CategoryStore.Delete,
            ReadDraft = CatalogRequests.ReadCategory,
            ReadPatch = CatalogRequests.ReadCategoryPatch,
        }.Map(app);

    private static void MapItems(IEndpointRouteBuilder app, ItemStore items, ItemForms forms) =>
        new RecordEndpoints<Item, ItemForm<ItemDraft>, ItemForm<ItemPatch>>
        {
            Collection = "item",
            List = (_, _) => ItemStore.Records,
            Find = items.FindAsync,
            Current = ItemStore.Find,
            Create = forms.Create,
            Update = forms.Update,
            Delete = ItemStore.Delete,
            ReadDraft = forms.ReadDraft,
            ReadPatch = forms.ReadPatch,
            PrepareDraft = forms.SaveImageAsync,
            PreparePatch = forms.SaveImageAsync,
            TooLarge = forms.TooLarge,
            BaseOf = forms.BaseOf,
            Show = ItemForms.Show,
        }.Map(app);

    private static void MapKeys(IEndpointRouteBuilder app, CustomizationKeyStore keys) =>
        new RecordEndpoints<CustomizationKey, CustomizationKeyDraft, CustomizationKeyPatch>
        {
            Collection = "customization_key",
            List = (_, _) => CustomizationKeyStore.Records,
            Find = keys.FindAsync,
            Current = CustomizationKeyStore.Find,
            Create = CustomizationKeyStore.Create,
            Update = CustomizationKeyStore.Update,
            Delete = CustomizationKeyStore.Delete,
            ReadDraft = CatalogRequests.ReadKey,
            ReadPatch = CatalogRequests.ReadKeyPatch,
        }.Map(app);

    private static void MapValues(IEndpointRouteBuilder app, CustomizationValueStore values) =>
        new RecordEndpoints<CustomizationValue, CustomizationValueDraft, CustomizationValuePatch>
        {
            Collection = "customization_value",
            List = (_, _) => CustomizationValueStore.Records,
            Find = values.FindAsync,
            Current = CustomizationValueStore.Find,
            Create = CustomizationValueStore.Create,
            Update = CustomizationValueStore.Update,
            Delete = CustomizationValueStore.Delete,
            ReadDraft = CatalogRequests.ReadValue,
            ReadPatch = CatalogRequests.ReadValuePatch,
        }.Map(app);
}
