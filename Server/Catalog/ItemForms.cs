using System.Text.Json.Serialization.Metadata;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Lists;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Bodies;
using Kaffediem.Server.Images;

namespace Kaffediem.Server.Catalog;

/// <summary>An item as JSON or a form sends it: its fields, and its image apart.</summary>
internal sealed record ItemForm<TFields>(TFields Fields, SentImage Image);

/// <summary>
/// The items as clients send them, with their images. A file is saved only when the rest of the body is valid.
/// </summary>
internal sealed class ItemForms(ItemImages images) : IRecords<Item, ItemForm<ItemDraft>, ItemForm<ItemPatch>>
{
    private readonly ItemStore _items = new();

    /// <inheritdoc cref="ItemImages.TooLarge"/>
    public FieldError TooLarge => images.TooLarge;

    public string Name => _items.Name;

    public JsonTypeInfo<Item> Json => _items.Json;

    public RecordList<Item> List => _items.List;

    public ItemForm<ItemDraft> ReadDraft(FieldReader body) => new(CatalogRequests.ReadItem(body), images.Read(body));

    public ItemForm<ItemPatch> ReadPatch(FieldReader body) =>
        new(CatalogRequests.ReadItemPatch(body), images.Read(body));

    /// <summary>Saves the file that was sent: before the transaction, which must not wait for the disk.</summary>
    public async Task<ItemForm<TFields>> SaveImageAsync<TFields>(
        ItemForm<TFields> form, CancellationToken cancellationToken) =>
        form with { Image = await images.SaveAsync(form.Image, cancellationToken) };

    public Item? Find(ReadTransaction transaction, long id) => _items.Find(transaction, id);

    public Item? Find(WriteTransaction transaction, long id) => _items.Find(transaction, id);

    public Written<WriteResult<Item>> Create(WriteTransaction transaction, ItemForm<ItemDraft> form)
    {
        var image = images.Keep(form.Image, current: null);
        return image.Refusal is { } refusal
            ? Refused(refusal)
            : _items.Create(transaction, form.Fields with { Image = image.Address.Or(null) });
    }

    public Written<WriteResult<Item>> Update(WriteTransaction transaction, long id, ItemForm<ItemPatch> form)
    {
        if (_items.Find(transaction, id) is not { } item)
        {
            return Written.WithoutChange<WriteResult<Item>>(new WriteResult<Item>.NotFound());
        }

        var image = images.Keep(form.Image, item.Image);
        return image.Refusal is { } refusal
            ? Refused(refusal)
            : _items.Update(transaction, id, form.Fields with { Image = image.Address });
    }

    public Written<WriteResult<Item>> Delete(WriteTransaction transaction, long id) => _items.Delete(transaction, id);

    private static Written<WriteResult<Item>> Refused(FieldError refusal) =>
        Written.WithoutChange<WriteResult<Item>>(new WriteResult<Item>.Refused([refusal]));
}
