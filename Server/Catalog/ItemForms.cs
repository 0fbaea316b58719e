using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Bodies;
using Kaffediem.Server.Images;

namespace Kaffediem.Server.Catalog;

/// <summary>An item as JSON or a form sends it: its fields, and its image apart.</summary>
internal sealed record ItemForm<TFields>(TFields Fields, SentImage Image);

/// <summary>
/// Reads, saves and shows items with their images. A file is saved only when the body is otherwise well.
/// </summary>
internal sealed class ItemForms(ItemImages images, ImageUrls urls)
{
    /// <inheritdoc cref="ItemImages.TooLarge"/>
    public FieldError TooLarge => images.TooLarge;

    public ItemForm<ItemDraft> ReadDraft(FieldReader body) => new(CatalogRequests.ReadItem(body), images.Read(body));

    public ItemForm<ItemPatch> ReadPatch(FieldReader body) =>
        new(CatalogRequests.ReadItemPatch(body), images.Read(body));

    /// <summary>Saves the file that was sent: before the transaction, which is not to wait for the disk.</summary>
    public async Task<ItemForm<TFields>> SaveImageAsync<TFields>(
        ItemForm<TFields> form, CancellationToken cancellationToken) =>
        form with { Image = await images.SaveAsync(form.Image, cancellationToken) };

    public Written<WriteResult<Item>> Create(WriteTransaction transaction, ItemForm<ItemDraft> form)
    {
        var image = images.Keep(form.Image, current: null);
        return image.Refusal is { } refusal
            ? Refused(refusal)
            : ItemStore.Create(transaction, form.Fields with { Image = image.Address.Or(null) });
    }

    public Written<WriteResult<Item>> Update(WriteTransaction transaction, long id, ItemForm<ItemPatch> form)
    {
        if (ItemStore.Find(transaction, id) is not { } item)
        {
            return Written.WithoutChange<WriteResult<Item>>(new WriteResult<Item>.NotFound());
        }

        var image = images.Keep(form.Image, item.Image);
        return image.Refusal is { } refusal
            ? Refused(refusal)
            : ItemStore.Update(transaction, id, form.Fields with { Image = image.Address });
    }

    public string BaseOf(HttpRequest request) => urls.BaseOf(request);

    public static Item Show(Item item, string baseUrl) =>
        item with { Image = ImageUrls.MakeAbsolute(item.Image, baseUrl) };

    private static Written<WriteResult<Item>> Refused(FieldError refusal) =>
        Written.WithoutChange<WriteResult<Item>>(new WriteResult<Item>.Refused([refusal]));
}
