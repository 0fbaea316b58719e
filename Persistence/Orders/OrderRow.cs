using System.Text.Json;

namespace Kaffediem.Persistence.Orders;

/// <summary>An order as its row has it, with the lines as JSON text.</summary>
internal sealed record OrderRow
{
    public required long Id { get; init; }

    public required string Uuid { get; init; }

    public required long? CustomerId { get; init; }

    public required long DayId { get; init; }

    /// <summary>
    /// <c>[{"item_id":1,"name":"Latte","price":45,"category":"Kaffe","customizations":[…]}]</c>, as in Kaffebase, which
    /// ignores the members that we add: a line's <c>left_out</c> and <c>total</c>, a customization's
    /// <c>constant_price</c> and <c>label_color</c>.
    /// </summary>
    public required string? ItemsData { get; init; }

    public required string State { get; init; }

    public required bool MissingInformation { get; init; }

    /// <summary>With milliseconds, unless Kaffebase wrote it.</summary>
    public required string InsertedAt { get; init; }

    /// <inheritdoc cref="InsertedAt"/>
    public required string UpdatedAt { get; init; }

    public static string FormatItems(IReadOnlyList<OrderItem> items) =>
        JsonSerializer.Serialize(items, OrderJson.Wire.IReadOnlyListOrderItem);

    public OrderRow Apply(OrderPatch patch) => this with
    {
        CustomerId = patch.CustomerId.Or(CustomerId),
        ItemsData = patch.Items.HasValue ? FormatItems(patch.Items.Value) : ItemsData,
        State = patch.State.Or(State),
        MissingInformation = patch.MissingInformation.Or(MissingInformation),
    };

    /// <param name="dayStart">When the shop's current day began.</param>
    public OrderKeys Keys(string dayStart) => OrderKeys.Of(InsertedAt, CustomerId, dayStart);

    public Order ToOrder(LabelColors colors) => new()
    {
        Id = Id,
        Uuid = Uuid,
        CustomerId = CustomerId,
        DayId = DayId,
        Items = ItemsData is null ? [] : colors.Complete(ParseItems(ItemsData)),
        State = State,
        MissingInformation = MissingInformation,
        Created = InsertedAt + "Z",
        Updated = UpdatedAt + "Z",
    };

    /// <summary>The price of an order with these lines (<see cref="Order.Total"/>).</summary>
    public static double? TotalOf(string? itemsData) =>
        OrderPrice.Of(itemsData is null ? [] : ParseItems(itemsData));

    private static IReadOnlyList<OrderItem> ParseItems(string json) =>
        JsonSerializer.Deserialize(json, OrderJson.Wire.IReadOnlyListOrderItem) ?? [];
}
