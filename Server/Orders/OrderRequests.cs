using System.Text.Json;
using System.Text.Json.Nodes;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Stores;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Bodies;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Orders;

/// <summary>
/// Reads an order from a body. A new order names items and choices by id,
/// <c>{"item":8,"customizations":[{"key":2,"value":[5]}]}</c>; an update contains the lines as they are stored.
/// </summary>
internal static class OrderRequests
{
    // Far more than anybody drinks. Every client gets all of it, and no other order is placed while it is.
    private const int MaxParts = 1000;

    private const string MustBeState = "must be received, production, completed or dispatched";

    private const string TooLong = "should have at most 1000 item(s)";

    // The fields of a line and a customization in a record: a client may send a line back as it read it.
    private static readonly IReadOnlyList<string> LineFields = FieldsOf<OrderItem>();
    private static readonly IReadOnlyList<string> CustomizationFields = FieldsOf<OrderCustomization>();
    private static readonly IReadOnlyList<string> LeftOutFields = FieldsOf<LeftOutChoice>();

    public static OrderDraft ReadDraft(FieldReader body) => new()
    {
        Uuid = ReadUuid(body),
        CustomerId = body.Integer("customer_id"),
        State = body.Find("state") is null ? OrderState.Received : ReadState(body, "state"),
        MissingInformation = body.Boolean("missing_information") ?? false,
        Lines = ReadLines(body),
    };

    public static OrderPatch ReadPatch(FieldReader body) => new()
    {
        CustomerId = body.IfNamed("customer_id", body.Integer),
        State = body.IfNamed("state", name => ReadState(body, name)),
        MissingInformation = body.IfNamed("missing_information", body.RequiredBoolean),
        Items = body.IfNamed<IReadOnlyList<OrderItem>>("items", name => ReadElements(body, name, ReadItem, LineFields)),
    };

    /// <summary>The errors of the store, each in its place: <c>{"items":[{},{"item":["not found"]}]}</c>.</summary>
    public static JsonObject Describe(IReadOnlyList<FieldError> errors)
    {
        var described = ErrorResponses.Describe([.. errors.Where(error => error is not OrderLineError)]);
        var lines = errors.OfType<OrderLineError>().ToLookup(error => error.Line);
        if (lines.Count > 0)
        {
            described["items"] = Sparse(lines.Max(line => line.Key), line => DescribeLine([.. lines[line]]));
        }

        return described;
    }

    private static JsonObject DescribeLine(OrderLineError[] errors)
    {
        var described = ErrorResponses.Describe([.. errors.Where(error => error.Choice is null)]);
        // Not null: the filter has left only errors of choices.
        var choices = errors.Where(error => error.Choice is not null).ToLookup(error => error.Choice!.Value);
        if (choices.Count > 0)
        {
            described["customizations"] =
                Sparse(choices.Max(choice => choice.Key), choice => ErrorResponses.Describe([.. choices[choice]]));
        }

        return described;
    }

    private static JsonArray Sparse(int last, Func<int, JsonNode> describe) =>
        [.. Enumerable.Range(0, last + 1).Select(describe)];

    /// <summary>How many lines, choices and values an order has.</summary>
    public static long CountParts(OrderDraft draft) => draft.Lines.Sum(CountParts);

    private static string? ReadUuid(FieldReader body)
    {
        var uuid = body.Text("uuid")?.ToLowerInvariant();
        // The parser accepts more than RFC 9562's text form, for example white space.
        if (uuid is not null && !(Guid.TryParseExact(uuid, "D", out var value) && value.ToString() == uuid))
        {
            body.Refuse("uuid", FieldReader.Invalid);
        }

        return uuid;
    }

    private static string ReadState(FieldReader body, string name) =>
        body.RequiredOneOf(name, OrderState.All, MustBeState);

    private static string[] FieldsOf<T>() => [.. StoreJson.Of<T>().Properties.Select(property => property.Name)];

    private static OrderLine[] ReadLines(FieldReader body)
    {
        if (body.Find("items") is not { } items || IsEmpty(items))
        {
            body.Refuse("items", FieldReader.Blank);
            return [];
        }

        var lines = ReadElements(body, "items", ReadLine, LineFields);
        if (lines.Sum(CountParts) > MaxParts)
        {
            body.Refuse("items", TooLong);
        }

        return lines;
    }

    // The line, its choices and their values.
    private static long CountParts(OrderLine line) => 1 + line.Choices.Sum(choice => 1L + choice.ValueIds.Count);

    private static bool IsEmpty(JsonElement list) =>
        list.ValueKind == JsonValueKind.Null || FieldReader.ToElements(list) is { Count: 0 };

    private static OrderLine ReadLine(FieldReader line)
    {
        var item = line.RequiredInteger("item");
        if (line.Errors is not null)
        {
            // Kaffebase's wording: it checked this field twice.
            // Not null: the item is the only field that has been read, and each error is a list of messages.
            var reason = line.Errors["item"]![0]!.GetValue<string>();
            line.Refuse("item", "is required", reason);
        }

        return new OrderLine(item, ReadElements(line, "customizations", ReadChoice, CustomizationFields));
    }

    private static OrderChoice ReadChoice(FieldReader choice) =>
        new(choice.RequiredInteger("key"), ReadValueIds(choice));

    private static long[] ReadValueIds(FieldReader choice)
    {
        if (choice.Find("value") is not { ValueKind: not JsonValueKind.Null } value)
        {
            choice.Refuse("value", FieldReader.Blank);
            return [];
        }

        long?[] ids = value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(FieldReader.ToInteger)]
            : [null];
        if (ids.Contains(null))
        {
            choice.Refuse("value", FieldReader.Invalid);
        }

        return [.. ids.OfType<long>()];
    }

    private static OrderItem ReadItem(FieldReader item) => new()
    {
        ItemId = item.RequiredInteger("item_id"),
        Name = item.RequiredText("name"),
        Price = ReadPrice(item, "price"),
        Category = item.Text("category"),
        Customizations = ReadElements(item, "customizations", ReadCustomization, CustomizationFields),
        LeftOut = ReadElements(item, "left_out", ReadLeftOut, LeftOutFields),
    };

    private static double? ReadPrice(FieldReader item, string name)
    {
        var price = item.Number(name);
        if (price < 0)
        {
            item.Refuse(name, FieldReader.Negative);
        }

        return price;
    }

    private static OrderCustomization ReadCustomization(FieldReader customization) => new()
    {
        KeyId = customization.Integer("key_id"),
        KeyName = customization.Text("key_name"),
        ValueId = customization.Integer("value_id"),
        ValueName = customization.Text("value_name"),
        PriceChange = customization.Number("price_change"),
        ConstantPrice = customization.Boolean("constant_price"),
        LabelColor = customization.Text("label_color"),
    };

    private static LeftOutChoice ReadLeftOut(FieldReader choice) => new()
    {
        KeyId = choice.Integer("key_id"),
        ValueId = choice.Integer("value_id"),
        Reason = choice.Text("reason"),
    };

    /// <summary>Reads a list of objects, if it is named; refuses it with its elements' errors.</summary>
    private static T[] ReadElements<T>(
        FieldReader body, string name, Func<FieldReader, T> read, IReadOnlyList<string> recordFields)
    {
        if (body.Find(name) is not { } list)
        {
            return [];
        }

        var elements = FieldReader.ToElements(list);
        if (elements?.Count > MaxParts)
        {
            body.Refuse(name, TooLong);
            return [];
        }

        if (elements is null
            || elements.Any(element => element.ValueKind != JsonValueKind.Object))
        {
            body.Refuse(name, FieldReader.Invalid);
            return [];
        }

        var readers = elements.Select(element => new FieldReader(element)).ToArray();
        var result = readers.Select(read).ToArray();
        Array.ForEach(readers, reader => reader.RefuseUnknown(recordFields));
        if (readers.Any(reader => reader.Errors is not null))
        {
            body.Refuse(name, new JsonArray([.. readers.Select(reader => reader.Errors ?? [])]));
        }

        return result;
    }
}
