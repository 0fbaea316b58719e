using System.Text.Json;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Writing;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Orders;

/// <summary>Placing orders from the sample's menu: item 1 is a latte with milk (1), size (2), syrup (3).</summary>
public sealed class OrderPlacingTests
{
    [Fact]
    public async Task Order_keeps_the_names_and_prices_of_the_time_when_it_is_placed()
    {
        await using var test = TestDatabase.WithSample();
        var placed = await test.Orders.CreateAsync(Draft(new OrderLine(1, [new OrderChoice(1, [2])])), Token).Saved();

        await test.Items.UpdateAsync(1, new ItemPatch { Name = "x", PriceNok = 1, CategoryId = 2 }, Token).Saved();
        await test.Keys.UpdateAsync(1, new CustomizationKeyPatch { Name = "x", LabelColor = "x" }, Token).Saved();
        await test.Values.UpdateAsync(
            2, new CustomizationValuePatch { Name = "x", PriceIncrementNok = 1 }, Token).Saved();

        var order = (await test.Orders.FindAsync(placed.Id, Token))!;
        var line = Assert.Single(order.Items);
        Assert.Equal((1, "Latte", 45, "Kaffe"), (line.ItemId, line.Name, line.Price, line.Category));
        Assert.Equal(
            new OrderCustomization
            {
                KeyId = 1,
                KeyName = "Melk",
                ValueId = 2,
                ValueName = "Havre",
                PriceChange = 5,
                ConstantPrice = true,
                LabelColor = "#e8e2d0",
            },
            Assert.Single(line.Customizations));
    }

    [Fact]
    public async Task Order_is_stored_and_logged_as_in_the_answer()
    {
        await using var test = TestDatabase.WithSample();
        var draft = Draft(new OrderLine(4, [])) with { CustomerId = 7, MissingInformation = true, State = "completed" };

        var order = await test.Orders.CreateAsync(draft, Token).Saved();

        Assert.Equal((6, 7, "completed", true), (order.Id, order.CustomerId, order.State, order.MissingInformation));
        Assert.Equal('7', order.Uuid[14]);
        Assert.Equal(
            $"order Create {JsonSerializer.Serialize(order, OrderJson.Wire.Order)}",
            Assert.Single(await test.ChangesAsync()));
        Assert.Equal(
            """[{"item_id":4,"name":"Grønn te","price":25.0,"category":"Te","customizations":[],"left_out":[],"total":25}]""",
            test.Query<string>("""SELECT items_data FROM "order" WHERE id = 6""").Single());
    }

    [Fact]
    public async Task JSON_of_an_order_has_the_names_that_the_front_end_reads()
    {
        await using var test = TestDatabase.WithSample();

        var order = await test.Orders.CreateAsync(Draft(new OrderLine(1, [new OrderChoice(3, [6])])), Token).Saved();

        Assert.Equal(
            $$"""
            {"id":6,"uuid":"{{order.Uuid}}","customer_id":null,"day_id":106,"state":"received",
            "missing_information":false,"items":[{"item_id":1,"name":"Latte","price":45.0,"category":"Kaffe",
            "customizations":[{"key_id":3,"key_name":"Sirup","value_id":6,"value_name":"Vanilje",
            "price_change":5.0,"constant_price":true,"label_color":null}],"left_out":[],"total":50}],"total":50,
            "inserted_at":"2026-11-23T12:00:00","updated_at":"2026-11-23T12:00:00",
            "created":"2026-11-23T12:00:00.000Z","updated":"2026-11-23T12:00:00.000Z"}
            """.ReplaceLineEndings(""),
            JsonSerializer.Serialize(order, OrderJson.Wire.Order));
    }

    [Fact]
    public async Task Key_may_be_chosen_twice_and_with_several_values()
    {
        await using var test = TestDatabase.WithSample();
        var line = new OrderLine(1, [new OrderChoice(3, [6, 7]), new OrderChoice(3, [6]), new OrderChoice(2, [])]);

        var order = await test.Orders.CreateAsync(Draft(line, line), Token).Saved();

        Assert.Equal(2, order.Items.Count);
        Assert.Equal(
            ["Vanilje", "Karamell", "Vanilje"],
            order.Items[1].Customizations.Select(customization => customization.ValueName));
    }

    [Fact]
    public async Task Disabled_item_may_be_ordered()
    {
        await using var test = TestDatabase.WithSample();

        await test.Orders.CreateAsync(Draft(new OrderLine(5, [])), Token).Saved();
    }

    [Fact]
    public async Task All_errors_are_reported_at_once()
    {
        await using var test = TestDatabase.WithSample();
        var draft = Draft(
            new OrderLine(1, [new OrderChoice(1, [1])]),
            new OrderLine(99, [new OrderChoice(1, [1])]),
            new OrderLine(1, [new OrderChoice(99, [1]), new OrderChoice(1, [1, 99]), new OrderChoice(1, [2, 1])]),
            new OrderLine(4, [new OrderChoice(1, [1, 2])]));

        var errors = await test.Orders.CreateAsync(draft with { State = "lost" }, Token).Refused();

        Assert.Equal(
            [
                new FieldError("state", "is invalid"),
                new OrderLineError(1, null, "item", "not found"),
                new OrderLineError(2, 2, "value", "only one may be chosen"),
                new OrderLineError(3, 0, "value", "only one may be chosen"),
            ],
            errors);
        Assert.Equal(5, (await test.ListOrdersAsync(new OrderFilter())).Count);
        Assert.Empty(await test.ChangesAsync());
    }

    [Fact]
    public async Task Two_hundred_simultaneous_orders_get_two_hundred_numbers()
    {
        await using var test = TestDatabase.WithSample();
        test.Time.SetUtcNow(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));

        var orders = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(
            () => test.Orders.CreateAsync(Draft(new OrderLine(1, [])), Token).Saved(), Token)));

        Assert.Equal(Enumerable.Range(101, 200).Select(i => (long)i), orders.Select(order => order.DayId).Order());
        Assert.Equal(200, test.Database.LastSeq);
    }

    [Fact]
    public async Task Numbers_restart_with_the_UTC_day()
    {
        await using var test = TestDatabase.WithSample();
        test.Time.SetUtcNow(new DateTimeOffset(2026, 11, 23, 23, 59, 59, TimeSpan.Zero));
        Assert.Equal(106, await Place());

        test.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(101, await Place());
        Assert.Equal(102, await Place());

        async Task<long> Place() => (await test.Orders.CreateAsync(Draft(new OrderLine(1, [])), Token).Saved()).DayId;
    }

    [Fact]
    public async Task Highest_number_is_reused_when_its_order_is_deleted()
    {
        await using var test = TestDatabase.WithSample();
        await test.Orders.DeleteAsync(5, Token).Saved();

        Assert.Equal(105, (await test.Orders.CreateAsync(Draft(new OrderLine(1, [])), Token).Saved()).DayId);
    }

    private static OrderDraft Draft(params OrderLine[] lines) => new() { Lines = lines };
}
