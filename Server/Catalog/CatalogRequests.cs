using System.Text.Json;
using System.Text.Json.Nodes;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Server.Bodies;

namespace Kaffediem.Server.Catalog;

/// <summary>Reads the fields of the menu's records from a body: of a new record, or those to change.</summary>
internal static class CatalogRequests
{
    public static CategoryDraft ReadCategory(FieldReader body) => new()
    {
        Name = body.RequiredText("name"),
        SortOrder = body.Integer("sort_order") ?? 0,
        Enable = body.Boolean("enable") ?? false,
        ValidCustomizations = body.Find("valid_customizations") is { ValueKind: not JsonValueKind.Null }
            ? ReadKeyIds(body, "valid_customizations")
            : [],
    };

    public static CategoryPatch ReadCategoryPatch(FieldReader body) => new()
    {
        Name = body.IfNamed("name", body.RequiredText),
        SortOrder = body.IfNamed("sort_order", body.RequiredInteger),
        Enable = body.IfNamed("enable", body.RequiredBoolean),
        ValidCustomizations = body.IfNamed("valid_customizations", name => ReadKeyIds(body, name)),
    };

    // Without the image, which ItemForms and ItemImages read.
    public static ItemDraft ReadItem(FieldReader body) => new()
    {
        Name = body.RequiredText("name"),
        PriceNok = ReadPrice(body, "price_nok"),
        CategoryId = body.RequiredInteger("category_id"),
        Enable = body.Boolean("enable") ?? false,
        SortOrder = body.Integer("sort_order") ?? 0,
    };

    public static ItemPatch ReadItemPatch(FieldReader body) => new()
    {
        Name = body.IfNamed("name", body.RequiredText),
        PriceNok = body.IfNamed("price_nok", name => ReadPrice(body, name)),
        CategoryId = body.IfNamed("category_id", body.RequiredInteger),
        Enable = body.IfNamed("enable", body.RequiredBoolean),
        SortOrder = body.IfNamed("sort_order", body.RequiredInteger),
    };

    public static CustomizationKeyDraft ReadKey(FieldReader body) => new()
    {
        Name = body.RequiredText("name"),
        Enable = body.Boolean("enable") ?? false,
        LabelColor = body.Text("label_color"),
        DefaultValue = body.Text("default_value"),
        MultipleChoice = body.Boolean("multiple_choice") ?? false,
        SortOrder = body.Integer("sort_order") ?? 0,
    };

    public static CustomizationKeyPatch ReadKeyPatch(FieldReader body) => new()
    {
        Name = body.IfNamed("name", body.RequiredText),
        Enable = body.IfNamed("enable", body.RequiredBoolean),
        LabelColor = body.IfNamed("label_color", body.Text),
        DefaultValue = body.IfNamed("default_value", body.Text),
        MultipleChoice = body.IfNamed("multiple_choice", body.RequiredBoolean),
        SortOrder = body.IfNamed("sort_order", body.RequiredInteger),
    };

    public static CustomizationValueDraft ReadValue(FieldReader body) => new()
    {
        Name = body.RequiredText("name"),
        BelongsTo = body.RequiredInteger("belongs_to"),
        PriceIncrementNok = body.Integer("price_increment_nok") ?? 0,
        ConstantPrice = body.Boolean("constant_price") ?? false,
        Enable = body.Boolean("enable") ?? false,
        SortOrder = body.Integer("sort_order") ?? 0,
    };

    public static CustomizationValuePatch ReadValuePatch(FieldReader body) => new()
    {
        Name = body.IfNamed("name", body.RequiredText),
        BelongsTo = body.IfNamed("belongs_to", body.RequiredInteger),
        PriceIncrementNok = body.IfNamed("price_increment_nok", body.RequiredInteger),
        ConstantPrice = body.IfNamed("constant_price", body.RequiredBoolean),
        Enable = body.IfNamed("enable", body.RequiredBoolean),
        SortOrder = body.IfNamed("sort_order", body.RequiredInteger),
    };

    private static long ReadPrice(FieldReader body, string name)
    {
        var price = body.RequiredInteger(name);
        if (price < 0)
        {
            body.Refuse(name, FieldReader.Negative);
        }

        return price;
    }

    // The front end sends the ids as it gets them, [3,4]; Kaffebase accepted only [{"key_id":3}].
    private static long[] ReadKeyIds(FieldReader body, string name)
    {
        if (body.Find(name) is not { } list || FieldReader.ToElements(list) is not { } elements
            || elements.Any(element => !IsKeyId(element)))
        {
            body.Refuse(name, FieldReader.Invalid);
            return [];
        }

        var readers = elements.Select(element => new FieldReader(element)).ToArray();
        var ids = elements.Zip(readers, ReadKeyId).ToArray();
        Array.ForEach(readers, reader => reader.RefuseUnknown(["id"]));
        if (readers.Any(reader => reader.Errors is not null))
        {
            body.Refuse(name, new JsonArray([.. readers.Select(reader => reader.Errors ?? [])]));
        }

        return ids;
    }

    private static bool IsKeyId(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object || FieldReader.ToInteger(element) is not null;

    private static long ReadKeyId(JsonElement element, FieldReader fields) =>
        FieldReader.ToInteger(element) ?? fields.RequiredInteger("key_id");
}
