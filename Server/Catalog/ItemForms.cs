using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Server.Http;
using Kaffediem.Server.Images;

namespace Kaffediem.Server.Catalog;

/// <summary>An item as it is sent, be it JSON or a form: its fields, and its image apart.</summary>
internal sealed record ItemForm<TFields>(TFields Fields, SentImage Image);

/// <summary>
/// Reads, saves and shows items with their images. A file is saved only when the body is otherwise well.
/// </summary>
internal sealed class ItemForms(ItemStore items, ItemImages images, ImageUrls urls)
{
    /// <inheritdoc cref="ItemImages.TooLarge"/>
    public FieldError TooLarge => images.TooLarge;

    public ItemForm<ItemDraft> ReadDraft(FieldReader body) => new(CatalogRequests.ReadItem(body), images.Read(body));

    public ItemForm<ItemPatch> ReadPatch(FieldReader body) =>
        new(CatalogRequests.ReadItemPatch(body), images.Read(body));

    public async Task<WriteResult<Item>> CreateAsync(ItemForm<ItemDraft> form, CancellationToken cancellationToken)
    {
        var image = await images.KeepAsync(form.Image, current: null, cancellationToken);
        return image.Refusal is { } refusal
            ? new WriteResult<Item>.Refused([refusal])
            : await items.CreateAsync(form.Fields with { Image = image.Address.Or(null) }, cancellationToken);
    }

    public async Task<WriteResult<Item>> UpdateAsync(
        long id, ItemForm<ItemPatch> form, CancellationToken cancellationToken)
    {
        if (await items.FindAsync(id, cancellationToken) is not { } item)
        {
            return new WriteResult<Item>.NotFound();
        }

        var image = await images.KeepAsync(form.Image, item.Image, cancellationToken);
        return image.Refusal is { } refusal
            ? new WriteResult<Item>.Refused([refusal])
            : await items.UpdateAsync(id, form.Fields with { Image = image.Address }, cancellationToken);
    }

    public Item Show(Item item, HttpRequest request) =>
        item with { Image = ImageUrls.MakeAbsolute(item.Image, urls.BaseOf(request)) };
}
