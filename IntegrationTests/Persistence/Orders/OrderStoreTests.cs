using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Writing;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Orders;

/// <summary>Reading, changing and deleting orders. The sample has five, placed at 12:57:01.</summary>
public sealed class OrderStoreTests
{
    [Fact]
    public async Task Orders_of_a_Kaffebase_file_are_read_with_the_current_colours_of_the_keys()
    {
        await using var test = TestDatabase.WithSample();

        var orders = await test.ListOrdersAsync(new OrderFilter());

        Assert.Equal([101, 102, 103, 104, 105], orders.Select(order => order.DayId));
        var latte = Assert.Single(orders[0].Items);
        Assert.Equal((1, "Latte", 45, "Kaffe"), (latte.ItemId, latte.Name, latte.Price, latte.Category));
        Assert.Equal(
            [
                (1, "Melk", 2, "Havre", 5, "#e8e2d0"),
                (2, "Størrelse", 5, "Stor", 150, "#b0d0ff"),
            ],
            latte.Customizations.Select(it =>
                (it.KeyId, it.KeyName, it.ValueId, it.ValueName, it.PriceChange, it.LabelColor)));
        Assert.Equal(("2026-11-23T12:57:01", "2026-11-23T12:57:01Z"), (orders[0].InsertedAt, orders[0].Created));
    }

    [Fact]
    public async Task Orders_are_sorted_by_day_number_and_id()
    {
        await using var test = TestDatabase.WithSample();
        test.Execute("""UPDATE "order" SET day_id = 101 WHERE id IN (4, 5)""");

        var orders = await test.ListOrdersAsync(new OrderFilter());

        Assert.Equal([1, 4, 5, 2, 3], orders.Select(order => order.Id));
    }

    [Fact]
    public async Task Orders_are_filtered_by_time_and_customer()
    {
        await using var test = TestDatabase.WithSample();
        test.Execute("""UPDATE "order" SET inserted_at = '2026-11-22T23:59:59' WHERE id = 1""");
        test.Execute("""UPDATE "order" SET inserted_at = '2026-11-23T00:00:00' WHERE id = 2""");
        // For local midnight in a zone east of UTC, too, the UTC instant counts.
        var today = new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.FromHours(1));

        Assert.Equal([2, 3, 4, 5], await Ids(new OrderFilter { From = today }));
        Assert.Equal([1, 2, 4, 5], await Ids(new OrderFilter { CustomerId = 1 }));
        Assert.Equal([2, 4, 5], await Ids(new OrderFilter { From = today, CustomerId = 1 }));
        Assert.Empty(await Ids(new OrderFilter { CustomerId = 8 }));

        async Task<IEnumerable<long>> Ids(OrderFilter filter) =>
            (await test.ListOrdersAsync(filter)).Select(order => order.Id);
    }

    [Fact]
    public async Task Order_without_lines_in_the_file_has_none()
    {
        await using var test = TestDatabase.WithSample();
        test.Execute("""UPDATE "order" SET items_data = NULL WHERE id = 1""");

        Assert.Empty((await test.Orders.FindAsync(1, Token))!.Items);
    }

    [Fact]
    public async Task Lines_that_lack_fields_are_read()
    {
        await using var test = TestDatabase.WithSample();
        test.Execute(
            """
            UPDATE "order"
               SET items_data = '[{"item_id":1,"name":"x"}, {"customizations":null},
                                  {"customizations":[{"key_id":null}]}]'
             WHERE id = 1
            """);

        var items = (await test.Orders.FindAsync(1, Token))!.Items;

        Assert.Equal((1, "x", null), (items[0].ItemId, items[0].Name, items[0].Price));
        Assert.Empty(items[1].Customizations);
        Assert.Equal(new OrderCustomization(), Assert.Single(items[2].Customizations));
    }

    [Theory]
    [InlineData("received")]
    [InlineData("production")]
    [InlineData("completed")]
    [InlineData("dispatched")]
    public async Task Any_state_may_follow_any_other(string state)
    {
        await using var test = TestDatabase.WithSample();

        foreach (var order in await test.ListOrdersAsync(new OrderFilter()))
        {
            var after = await test.Orders.UpdateAsync(order.Id, new OrderPatch { State = state }, Token).Saved();
            Assert.Equal(state, after.State);
        }

        Assert.Equal(5, (await test.ChangesAsync()).Count);
    }

    [Fact]
    public async Task Unknown_state_is_refused()
    {
        await using var test = TestDatabase.WithSample();

        var errors = await test.Orders.UpdateAsync(1, new OrderPatch { State = "Received" }, Token).Refused();

        Assert.Equal([new FieldError("state", "is invalid")], errors);
        Assert.Equal("dispatched", (await test.Orders.FindAsync(1, Token))!.State);
        Assert.Empty(await test.ChangesAsync());
    }

    [Fact]
    public async Task Patch_of_the_state_keeps_the_stored_lines_byte_for_byte()
    {
        await using var test = TestDatabase.WithSample();
        const string Lines = """SELECT items_data FROM "order" WHERE id = 1""";
        var before = test.Query<string>(Lines);

        await test.Orders.UpdateAsync(1, new OrderPatch { State = "received" }, Token).Saved();

        Assert.Equal(before, test.Query<string>(Lines));
    }

    [Fact]
    public async Task Patch_without_fields_does_nothing()
    {
        await using var test = TestDatabase.WithSample();

        var order = await test.Orders.UpdateAsync(1, new OrderPatch(), Token).Saved();

        Assert.Equal("2026-11-23T12:57:01", order.UpdatedAt);
        Assert.Empty(await test.ChangesAsync());
    }

    [Fact]
    public async Task Patch_with_the_same_value_is_logged_and_keeps_the_time()
    {
        await using var test = TestDatabase.WithSample();

        var order = await test.Orders.UpdateAsync(1, new OrderPatch { State = "dispatched" }, Token).Saved();

        Assert.Equal("2026-11-23T12:57:01", order.UpdatedAt);
        Assert.StartsWith("order Update {\"id\":1,", Assert.Single(await test.ChangesAsync()));
    }

    [Fact]
    public async Task Patch_may_replace_the_lines_with_any_text()
    {
        await using var test = TestDatabase.WithSample();
        var choice = new OrderCustomization { KeyId = 1, ValueId = 1 };
        OrderItem[] lines = [new OrderItem { ItemId = 1, Name = "free text", Customizations = [choice] }];
        var patch = new OrderPatch { Items = new(lines), CustomerId = null, MissingInformation = true };

        var order = await test.Orders.UpdateAsync(1, patch, Token).Saved();

        Assert.Equal(
            (null, true, "2026-11-23T12:00:00"), (order.CustomerId, order.MissingInformation, order.UpdatedAt));
        var line = Assert.Single(order.Items);
        Assert.Equal(("free text", null), (line.Name, line.Price));
        Assert.Equal(choice with { LabelColor = "#e8e2d0" }, Assert.Single(line.Customizations));
    }

    [Fact]
    public async Task Deleted_order_is_not_found()
    {
        await using var test = TestDatabase.WithSample();

        Assert.Equal(102, (await test.Orders.DeleteAsync(2, Token).Saved()).DayId);

        await test.Orders.DeleteAsync(2, Token).NotFound();
        await test.Orders.UpdateAsync(2, new OrderPatch(), Token).NotFound();
        Assert.Equal(["order Delete {\"id\":2}"], await test.ChangesAsync());
    }
}
