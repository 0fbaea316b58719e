using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Server.Http;

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
            Json = RecordJson.Wire.Category,
            List = async (_, cancellationToken) => await categories.ListAsync(cancellationToken),
            Find = categories.FindAsync,
            Create = categories.CreateAsync,
            Update = categories.UpdateAsync,
            Delete = categories.DeleteAsync,
            ReadDraft = CatalogRequests.ReadCategory,
            ReadPatch = CatalogRequests.ReadCategoryPatch,
        }.Map(app);

    private static void MapItems(IEndpointRouteBuilder app, ItemStore items, ItemForms forms) =>
        new RecordEndpoints<Item, ItemForm<ItemDraft>, ItemForm<ItemPatch>>
        {
            Collection = "item",
            Json = RecordJson.Wire.Item,
            List = async (_, cancellationToken) => await items.ListAsync(cancellationToken),
            Find = items.FindAsync,
            Create = forms.CreateAsync,
            Update = forms.UpdateAsync,
            Delete = items.DeleteAsync,
            ReadDraft = forms.ReadDraft,
            ReadPatch = forms.ReadPatch,
            TooLarge = forms.TooLarge,
            Show = forms.Show,
        }.Map(app);

    private static void MapKeys(IEndpointRouteBuilder app, CustomizationKeyStore keys) =>
        new RecordEndpoints<CustomizationKey, CustomizationKeyDraft, CustomizationKeyPatch>
        {
            Collection = "customization_key",
            Json = RecordJson.Wire.CustomizationKey,
            List = async (_, cancellationToken) => await keys.ListAsync(cancellationToken),
            Find = keys.FindAsync,
            Create = keys.CreateAsync,
            Update = keys.UpdateAsync,
            Delete = keys.DeleteAsync,
            ReadDraft = CatalogRequests.ReadKey,
            ReadPatch = CatalogRequests.ReadKeyPatch,
        }.Map(app);

    private static void MapValues(IEndpointRouteBuilder app, CustomizationValueStore values) =>
        new RecordEndpoints<CustomizationValue, CustomizationValueDraft, CustomizationValuePatch>
        {
            Collection = "customization_value",
            Json = RecordJson.Wire.CustomizationValue,
            List = async (_, cancellationToken) => await values.ListAsync(cancellationToken),
            Find = values.FindAsync,
            Create = values.CreateAsync,
            Update = values.UpdateAsync,
            Delete = values.DeleteAsync,
            ReadDraft = CatalogRequests.ReadValue,
            ReadPatch = CatalogRequests.ReadValuePatch,
        }.Map(app);
}
