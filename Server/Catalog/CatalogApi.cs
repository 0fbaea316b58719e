using Kaffediem.Persistence.Catalog;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.Catalog;

/// <summary>The menu: <c>category</c>, <c>item</c>, <c>customization_key</c>, <c>customization_value</c>.</summary>
internal static class CatalogApi
{
    public static void AddCatalog(this IServiceCollection services)
    {
        services.AddSingleton<IServedCollection, MenuCollection>();
        services.AddCollection(
            new CategoryStore(), CatalogRequests.ReadCategory, CatalogRequests.ReadCategoryPatch);
        services.AddItems();
        services.AddCollection(
            new CustomizationKeyStore(), CatalogRequests.ReadKey, CatalogRequests.ReadKeyPatch);
        services.AddCollection(
            new CustomizationValueStore(), CatalogRequests.ReadValue, CatalogRequests.ReadValuePatch);
    }

    // Items have images, which are sent as files and kept beside the database.
    private static void AddItems(this IServiceCollection services)
    {
        services.AddSingleton<ItemForms>();
        services.AddSingleton<IServedCollection>(provider =>
        {
            var forms = provider.GetRequiredService<ItemForms>();
            return new RecordEndpoints<Item, ItemForm<ItemDraft>, ItemForm<ItemPatch>>(
                forms, forms.ReadDraft, forms.ReadPatch, provider.GetRequiredService<RecordServices>())
            {
                Images = new(forms.TooLarge, forms.SaveImageAsync, forms.SaveImageAsync),
            };
        });
    }
}
